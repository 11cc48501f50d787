# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Title, description and metadata of a running guest."""

from __future__ import annotations

from typing import Sequence

from ..._deps import libvirt
from ..._xml import document
from ..._xml.difference import Change
from ..properties import METADATA_NAMESPACE, Metadata
from .running import AFFECT_LIVE, Running


def title(running: Running, changes: Sequence[Change]) -> None:
    """The short text; an empty one is none."""
    running.domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_TITLE, changes[0].after or None, None, None, AFFECT_LIVE)


def description(running: Running, changes: Sequence[Change]) -> None:
    """The long text; an empty one is none."""
    running.domain.setMetadata(
        libvirt.VIR_DOMAIN_METADATA_DESCRIPTION, changes[0].after or None, None, None, AFFECT_LIVE
    )


def metadata(running: Running, changes: Sequence[Change]) -> None:
    """The facts. libvirt adds the namespace itself, and fails where there is one."""
    text = document.to_text(Metadata.facts(running.stored, changes[0].after, namespace=""))
    running.domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, text, "lab", METADATA_NAMESPACE, AFFECT_LIVE)
