# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A snapshot as libvirt describes it: what it is of, where it lies, what it came from. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from .._xml import document
from .._xml.document import Element

INTERNAL, EXTERNAL = "internal", "external"
RUNNING, PAUSED, SHUTDOWN, DISK_ONLY = "running", "paused", "shutdown", "disk_only"

_STATES = {"shutoff": SHUTDOWN, "crashed": SHUTDOWN, "disk-snapshot": DISK_ONLY, "blocked": RUNNING}
"""libvirt's words that differ from ours."""

_VOLATILE = ("creationTime", "parent", "domain", "inactiveDomain", "cookie", "active")
"""What a diff of the snapshot itself does not show."""


@dataclass(frozen=True)
class SnapshotDisk:
    """A disk that is in a snapshot."""

    target: str
    source: str | None
    """The file with the content of then: the disk's own file at that time."""
    format: str | None
    overlay: str | None = None
    """The file that takes what is written since, where the snapshot is external."""


@dataclass(frozen=True)
class Snapshot:
    """A snapshot as it is or shall be."""

    name: str
    kind: str
    state: str
    memory: bool
    disks: tuple[SnapshotDisk, ...]
    description: str = ""
    created: str | None = None
    parent: str | None = None
    document: Any = None
    """Its XML, without what changes by itself."""
    domain: Any = None
    """The definition that the domain had."""

    @property
    def external(self) -> bool:
        return self.kind == EXTERNAL

    def disk(self, target: str) -> SnapshotDisk | None:
        """The disk of that name, None where it is not in the snapshot."""
        return next((disk for disk in self.disks if disk.target == target), None)

    def describe(self) -> dict[str, Any]:
        """The snapshot as modules return it."""
        return {
            "name": self.name,
            "description": self.description,
            "kind": self.kind,
            "state": self.state,
            "memory": self.memory,
            "created": self.created,
            "parent": self.parent,
            "disks": [{"target": each.target, "source": each.source, "overlay": each.overlay} for each in self.disks],
        }


def path_of(disk: Element) -> str | None:
    """The file or block device of a C(<disk>), None where it is of another kind or empty."""
    return document.get(disk, "source/@file") or document.get(disk, "source/@dev")


def parse(text: str) -> Snapshot:
    """The snapshot of a C(<domainsnapshot>) document."""
    element = document.parse(text, "domainsnapshot")
    definition = document.find(element, "inactiveDomain")
    # What the domain had stored, else what it was: the disks are in both.
    then = document.find(element, "domain")
    kinds = {str(each.get("snapshot")) for each in document.children(element, "disks/disk")}
    memory = document.get(element, "memory/@snapshot") or "no"
    state = document.get(element, "state") or ""
    disks = tuple(_disks(element, then))
    created = document.get(element, "creationTime")
    parent = document.get(element, "parent/name")
    stripped = document.copy(element)
    for path in _VOLATILE:
        document.remove(stripped, path)
    return Snapshot(
        name=document.get(element, "name") or "",
        kind=EXTERNAL if EXTERNAL in (*kinds, memory) else INTERNAL,
        state=_STATES.get(state, state),
        memory=memory != "no",
        disks=disks,
        description=document.get(element, "description") or "",
        created=_iso(int(created)) if created else None,
        parent=parent,
        document=stripped,
        domain=_as_domain(then if definition is None else definition),
    )


def _disks(element: Element, then: Element | None) -> Any:
    before = {} if then is None else {document.get(each, "target/@dev"): each for each in then.iterfind("devices/disk")}
    for disk in document.children(element, "disks/disk"):
        kind, target = disk.get("snapshot"), str(disk.get("name"))
        if kind in (INTERNAL, EXTERNAL):
            was = before.get(target)
            yield SnapshotDisk(
                target,
                None if was is None else path_of(was),
                None if was is None else document.get(was, "driver/@type"),
                path_of(disk) if kind == EXTERNAL else None,
            )


def _as_domain(element: Element | None) -> Any:
    """The definition as a document of its own."""
    if element is None:
        return None
    clone = document.copy(element)
    clone.tag = "domain"
    return clone


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
