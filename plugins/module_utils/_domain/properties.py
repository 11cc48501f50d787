# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The options of a domain, and what else of them is used beyond them."""

from __future__ import annotations

from .._xml.kinds import Concealed
from .options import PROPERTIES, SECRETS, refuse_impossible
from .options.boot import Machine
from .options.memory import MIB
from .options.texts import METADATA_NAMESPACE, Metadata

CONCEALED = Concealed.SHOWN
"""What a result has in the place of a password."""

__all__ = [
    "CONCEALED",
    "METADATA_NAMESPACE",
    "MIB",
    "PROPERTIES",
    "SECRETS",
    "Machine",
    "Metadata",
    "refuse_impossible",
]
