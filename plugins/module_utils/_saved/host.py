# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The host of a saved machine: apart from saving it, which a guest that is restored need not wait to be loaded."""

from __future__ import annotations

from typing import Any

from .._libvirt.errors import explained
from . import documents


def host_facts(connection: Any) -> dict[str, str | int]:
    """What of this host a saved machine depends on."""
    with explained("asking for the hypervisor's capabilities"):
        versions = {"qemu": connection.getVersion(), "libvirt": connection.getLibVersion()}
        return documents.host_facts(connection.getCapabilities(), versions)
