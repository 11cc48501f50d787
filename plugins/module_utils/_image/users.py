# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Which files of this machine guests have a use for: disks, what lies below them, kernels, and whatever is open."""

from __future__ import annotations

import json
import os
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any, Iterable, Iterator, Sequence

from .._deps import libvirt
from .._libvirt.errors import explained
from .._libvirt.lookup import unless_gone
from .._xml import document
from .._xml.document import Element

_QCOW2 = b"QFI\xfb"
_LONGEST = 1023
"""Bytes that QEMU allows such a name."""

_DEEPEST = 64
"""A chain of this many files is taken for a loop."""


def used_files(connection: Any, directories: Sequence[str]) -> dict[str, str]:
    """Real path -> who uses the file. Files that lie below used ones, or below any file in C(directories), are used."""
    uses = [*_domains(connection), *_volumes(connection), *_open_files()]
    for directory in directories:
        uses += _below(Path(directory), "file {}")
    found: dict[str, str] = {}
    for path, who in uses:
        for each in _chain(path):
            found.setdefault(each, who)
    return found


def _domains(connection: Any) -> Iterator[tuple[str, str]]:
    """Of every domain, what it has now and what it will have when it starts again."""
    with explained("listing the domains"):
        domains = connection.listAllDomains(0)
    for domain in domains:
        with unless_gone(), explained(f"reading domain {domain.name()}"):
            texts = {domain.XMLDesc(0), domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)}
            who = f"domain {domain.name()}"
            yield from ((path, who) for text in texts for path in named_by(document.parse(text, "domain")))


def named_by(domain: Element) -> set[str]:
    """The files that a domain's document names. Pure."""
    sources = [source for disk in document.children(domain, "devices/disk") for source in disk.iter("source")]
    paths = {source.get("file") or source.get("dev") or "" for source in sources}
    paths |= {document.get(domain, f"os/{name}") or "" for name in ("kernel", "initrd")}
    return {path for path in paths if path.startswith("/")}


def _volumes(connection: Any) -> Iterator[tuple[str, str]]:
    with explained("listing the pools"):
        pools = connection.listAllStoragePools(0)
    for pool in pools:
        with unless_gone(), explained(f"reading pool {pool.name()}"):
            if not pool.isActive():
                place = document.get(document.parse(pool.XMLDesc(0), "pool"), "target/path")
                yield from _below(Path(place or "/nonexistent"), f"volume {{}} of pool {pool.name()}")
                continue
            for volume in pool.listAllVolumes(0):
                element = document.parse(volume.XMLDesc(0), "volume")
                below = document.get(element, "backingStore/path")
                who = f"volume {volume.name()} of pool {pool.name()}"
                # The volume itself may be an image that no guest uses: a pool may be where the images are.
                yield from ((path, who) for path in [below, backing(document.get(element, "target/path"))] if path)


def _below(directory: Path, who: str) -> Iterator[tuple[str, str]]:
    """What lies below the files of a directory, such as that of a pool that is not started."""
    for path in sorted(directory.rglob("*")):
        below = backing(str(path)) if path.is_file() else None
        if below:
            yield below, who.format(path)


def _open_files() -> Iterator[tuple[str, str]]:
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            path = os.readlink(link)
            if path.startswith("/"):
                yield path, f"process {link.parts[2]}"


def _chain(path: str) -> Iterable[str]:
    """The file and all below it."""
    found: list[str] = []
    following: str | None = path
    while following and len(found) < _DEEPEST:
        found.append(os.path.realpath(following))
        following = backing(following)
    return found


def backing(path: str | None) -> str | None:
    """The path of the file below a qcow2 image, None where there is none or it is no path."""
    # A block device may hold a qcow2 image too. To open anything else could wait for ever.
    if not path or not (Path(path).is_file() or Path(path).is_block_device()):
        return None
    try:
        with Path(path).open("rb") as file:
            start = file.read(20)
            if len(start) < 20 or start[:4] != _QCOW2:
                return None
            offset, length = struct.unpack(">QI", start[8:])
            if not offset or length > _LONGEST:
                return None
            file.seek(offset)
            name = os.fsdecode(file.read(length))
    except OSError:
        return None
    return str(Path(os.path.realpath(path)).parent / _plain(name))


def _plain(name: str) -> str:
    """The path in QEMU's other ways to name a file."""
    if name.startswith("json:"):
        with suppress(ValueError):
            named = json.loads(name[len("json:") :])
            while isinstance(named, dict):
                name = named.get("filename") or named.get("file.filename") or name
                named = named.get("file")
    return name[len("file:") :] if name.startswith("file:") else name
