# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Disks that lie on the overlay of a snapshot: another source would part the guest from what it wrote since."""

from __future__ import annotations

from typing import Any

from .._errors import HypervisorError
from .._libvirt.errors import explained
from .._xml import document
from .._xml.document import Element
from .model import DomainPlan
from .options.disks import DISKS


def _sources(element: Element) -> dict[str, str]:
    """Target -> file or device of every disk that has one."""
    found = {str(disk["target"]): disk["source"] for disk in DISKS.read(element)}
    return {target: source for target, source in found.items() if source}


def moved(todo: DomainPlan) -> dict[str, str]:
    """The disks that are to get another source: target -> the present one. Pure."""
    if todo.before.document is None or todo.after.document is None or not todo.defines:
        return {}
    wanted = _sources(todo.after.document)
    return {
        target: source
        for target, source in _sources(todo.before.document).items()
        if wanted.get(target, source) != source
    }


def check(domain: Any, todo: DomainPlan) -> None:
    """Refuse to take an overlay of a snapshot away from below a disk. Asks libvirt only where a source changes."""
    candidates = moved(todo)
    if not candidates:
        return
    name = domain.name()
    with explained(f"reading the snapshots of domain {name}"):
        texts = [each.getXMLDesc(0) for each in domain.listAllSnapshots(0)] if domain.snapshotNum(0) else []
    overlays = {
        document.get(disk, "source/@file") or document.get(disk, "source/@dev")
        for text in texts
        for disk in document.children(document.parse(text), "disks/disk")
        if disk.get("snapshot") == "external"
    }
    for target, source in candidates.items():
        if source in overlays:
            raise HypervisorError(
                f"Disk {target} of domain {name} lies on {source}, the overlay of a snapshot, where all is that the"
                " guest wrote since: leave source out, or give the overlay, until mini.hypervisor.virt_snapshot with"
                " state: absent has merged it.",
                "SNAPSHOT_OVERLAY",
                disk=target,
                overlay=source,
            )
