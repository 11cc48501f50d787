# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A directory tree as commands of debugfs, always in the same order and with the same times.

C(mke2fs -d) takes entries in the order in which the host's file system happens to have them, and the times of
change from there too: the same tree gives another image each time.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Iterator

from .._errors import HypervisorError

_TYPES = {stat.S_IFCHR: "c", stat.S_IFBLK: "b"}


def commands(tree: Path, latest: int, work: Path) -> Iterator[str]:
    """The commands that make an empty file system the tree; no time of modification is later than C(latest).

    Extended attributes are put into files below C(work).
    """
    links: dict[tuple[int, int], tuple[str, int]] = {}
    attributes = 0
    directories = ["/"]
    while directories:
        directory = directories.pop()
        for entry in sorted(os.scandir(f"{tree}{directory}"), key=lambda each: each.name):
            name, found = f"{directory.rstrip('/')}/{entry.name}", entry.stat(follow_symlinks=False)
            seen = links.get((found.st_dev, found.st_ino)) if not entry.is_dir(follow_symlinks=False) else None
            if seen:
                first, count = seen
                links[found.st_dev, found.st_ino] = (first, count + 1)
                yield f"ln {_quoted(first)} {_quoted(name)}"
                yield f"sif {_quoted(first)} links_count {count + 1}"
                continue
            if found.st_nlink > 1:
                links[found.st_dev, found.st_ino] = (name, 1)
            if entry.is_dir(follow_symlinks=False):
                directories.append(name)
            if entry.name != "lost+found" or directory != "/":
                yield _made(entry, name, found)
            yield from _described(name, found, latest)
            for attribute in sorted(os.listxattr(entry.path, follow_symlinks=False)):
                attributes += 1
                value = work / f"attribute{attributes}"
                value.write_bytes(os.getxattr(entry.path, attribute, follow_symlinks=False))
                yield f"ea_set -f {_quoted(str(value))} {_quoted(name)} {attribute}"
    # An entry that is added changes the time of its directory: those of directories come last.
    for path, names, _files in os.walk(tree):
        names.sort()
        inner = "/" + os.path.relpath(path, tree).strip(".")
        yield f"sif {_quoted(inner)} mtime @{min(int(os.lstat(path).st_mtime), latest)}"


def _made(entry: os.DirEntry[str], name: str, found: os.stat_result) -> str:
    kind = stat.S_IFMT(found.st_mode)
    if kind == stat.S_IFDIR:
        return f"mkdir {_quoted(name)}"
    if kind == stat.S_IFREG:
        return f"write {_quoted(entry.path)} {_quoted(name)}"
    if kind == stat.S_IFLNK:
        return f"symlink {_quoted(name)} {_quoted(os.readlink(entry.path))}"
    if kind in _TYPES:
        # This one takes a name, and not a path.
        numbers = f"{os.major(found.st_rdev)} {os.minor(found.st_rdev)}"
        return f"cd {_quoted(name.rpartition('/')[0])}\nmknod {_quoted(entry.name)} {_TYPES[kind]} {numbers}\ncd /"
    raise HypervisorError(f"{name} in the image's tree is of a type that no image needs.", code="BUILD_FAILED")


def _described(name: str, found: os.stat_result, latest: int) -> Iterator[str]:
    quoted = _quoted(name)
    if not stat.S_ISLNK(found.st_mode):
        yield f"sif {quoted} mode 0{found.st_mode:o}"
    for field, value in (("uid", found.st_uid), ("gid", found.st_gid)):
        if value:
            yield f"sif {quoted} {field} {value}"
    if not stat.S_ISDIR(found.st_mode):
        yield f"sif {quoted} mtime @{min(int(found.st_mtime), latest)}"


def _quoted(text: str) -> str:
    """As debugfs reads a word; it ends its lines with a newline, and doubles a quotation mark."""
    if "\n" in text:
        raise HypervisorError(f"{text!r} in the image's tree has a newline in its name.", code="BUILD_FAILED")
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
