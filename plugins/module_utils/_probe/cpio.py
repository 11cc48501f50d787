# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Archives in cpio's "newc" format, as the kernel unpacks them: the same tree gives the same bytes."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from typing import Mapping


@dataclass(frozen=True)
class Entry:
    """A file of the archive: its type and mode, its data (of a link, the target), and of a device its numbers."""

    mode: int
    data: bytes = b""
    device: tuple[int, int] = (0, 0)


DIRECTORY = Entry(stat.S_IFDIR | 0o755)


def executable(data: bytes) -> Entry:
    """A program."""
    return Entry(stat.S_IFREG | 0o755, data)


def link(target: str) -> Entry:
    """A symbolic link."""
    return Entry(stat.S_IFLNK | 0o777, target.encode())


def with_parents(tree: Mapping[str, Entry]) -> dict[str, Entry]:
    """The tree with every directory that its paths imply."""
    whole = dict(tree)
    for path in tree:
        parts = path.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            whole.setdefault("/".join(parts[:depth]), DIRECTORY)
    return whole


def archive(tree: Mapping[str, Entry]) -> bytes:
    """The archive. It is sorted, so that a directory comes before what is in it."""
    entries = sorted(with_parents(tree).items())
    records = [_record(inode, path, entry) for inode, (path, entry) in enumerate(entries, start=1)]
    return b"".join([*records, _record(0, "TRAILER!!!", Entry(0))])


def _record(inode: int, path: str, entry: Entry) -> bytes:
    name = path.encode() + b"\0"
    user = group = modified = major = minor = checksum = 0
    links = 1
    head = (inode, entry.mode, user, group, links, modified, len(entry.data), major, minor)
    header = b"070701" + b"".join(b"%08X" % field for field in (*head, *entry.device, len(name), checksum))
    return _padded(header + name) + _padded(entry.data)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)
