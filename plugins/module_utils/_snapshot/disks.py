# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The disks of a domain as snapshots see them: their files, and the files below those. Pure."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import Iterable

from .._xml import document
from .._xml.document import Element
from .model import Snapshot, path_of


@dataclass(frozen=True)
class Disk:
    """A disk that the domain has now."""

    target: str
    source: str | None
    format: str | None
    writable: bool
    """Whether a snapshot that names no disks has it."""
    below: tuple[str, ...] = ()
    """The files below its own, as far as the document tells (that of a running domain does)."""


def read(domain: Element) -> dict[str, Disk]:
    """The disks of a domain's document, by target."""
    found = {}
    for element in document.children(domain, "devices/disk"):
        target = document.get(element, "target/@dev") or ""
        writable = (
            element.get("device", "disk") in ("disk", "lun")
            and document.find(element, "readonly") is None
            and document.find(element, "source") is not None
            and element.get("snapshot") != "no"
        )
        found[target] = Disk(
            target, path_of(element), document.get(element, "driver/@type"), writable, tuple(_below(element))
        )
    return found


def _below(disk: Element) -> Iterable[str]:
    layer = disk.find("backingStore")
    while layer is not None:
        path = path_of(layer)
        if path is not None:
            yield path
        layer = layer.find("backingStore")


def chain(disk: Disk, snapshots: Iterable[Snapshot]) -> list[str]:
    """The disk's file and those below it, top first: as the running guest has them, else as its snapshots tell."""
    if disk.source is None:
        return []
    files = [disk.source, *disk.below]
    if not disk.below:
        sources = {
            each.overlay: each.source
            for snapshot in snapshots
            for each in snapshot.disks
            if each.target == disk.target and each.overlay is not None
        }
        below = sources.get(disk.source)
        while below is not None and below not in files:
            files.append(below)
            below = sources.get(below)
    return files


def overlay_name(source: str, snapshot: str) -> str:
    """Where the overlay lies unless an option tells: as libvirt does it, the snapshot's name for the suffix."""
    directory, name = posixpath.split(source)
    stem = name.rpartition(".")[0] or name
    return posixpath.join(directory, f"{stem}.{snapshot}")
