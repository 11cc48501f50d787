# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Images that nothing uses make room, the one that was used longest ago first."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, Sequence

from .._errors import HypervisorError
from .._libvirt.connection import connected, is_local
from .._lock import locked
from .._records import SCHEMA
from .._xml.units import format_size, parse_size
from .users import used_files

_RECORD = re.compile(r"(?P<name>.+)-[0-9a-f]{8}\.json")
_PARTIAL = re.compile(r"\.(?P<name>.+)-[0-9a-f]{8}\.[a-z0-9]+\.part(\.version)?")
_WORK = re.compile(r"\.build-(?P<name>.+)")


@dataclass(frozen=True)
class Entry:
    """An image, or what is left of the making of one."""

    name: str
    files: tuple[Path, ...]
    """In the order in which they go: the record last, so that a run that is killed leaves an image to be made again."""
    used: float
    """When a run last had a use for it."""
    size: int
    complete: bool

    def describe(self, reason: str) -> dict[str, Any]:
        """For the result."""
        return {
            "name": self.name,
            "path": str(self.files[0]),
            "size": self.size,
            "used": datetime.fromtimestamp(self.used, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "complete": self.complete,
            "reason": reason,
        }


def converge(options: Mapping[str, Any], check_mode: bool, warn: Callable[[str], None]) -> dict[str, Any]:
    """Remove what is too much; returns the module's result."""
    directory, limit = Path(options["dest"]), parse_size(options["keep_size"])
    entries = sorted(_entries(directory), key=lambda each: each.used)
    total = sum(each.size for each in entries)
    recent = time.time() - options["min_age"]

    def users() -> Mapping[str, str]:
        return connected(lambda connection: _users(connection, options), options, True)

    removed, kept = plan(entries, limit, users(), recent)
    for entry, reason in [] if check_mode else list(removed):
        # Earlier removals may have taken long: a guest may have been made from this image since the first look.
        use = _remove(directory, entry, users(), recent)
        if use:
            removed.remove((entry, reason))
            kept.append((entry, use))
    freed = sum(entry.size for entry, _reason in removed)
    if total - freed > limit:
        why = sorted({reason for _entry, reason in kept})
        warn(
            f"The images in {directory} have {format_size(total - freed)}, more than keep_size {options['keep_size']},"
            f" and cannot be removed: {'; '.join(why)}."
        )
    before, after = (
        "".join(f"{each.name} {each.files[0]}\n" for each in some)
        for some in (entries, [entry for entry, _reason in kept])
    )
    return {
        "changed": bool(removed),
        "removed": [entry.describe(reason) for entry, reason in removed],
        "kept": [entry.describe(reason) for entry, reason in kept],
        "freed": freed,
        "size": total - freed,
        "diff": {"before": before, "after": after},
    }


def _users(connection: Any, options: Mapping[str, Any]) -> Mapping[str, str]:
    """The used files; libvirt's test driver stands for this machine."""
    if not is_local(connection) and not options["uri"].startswith("test:"):
        raise HypervisorError(
            f"{options['uri']} is another machine, and image_clean removes files of this one: run it there.",
            code="NOT_LOCAL",
        )
    return used_files(connection, options["overlays"])


def plan(
    entries: Sequence[Entry], limit: int, users: Mapping[str, str], recent: float
) -> tuple[list[tuple[Entry, str]], list[tuple[Entry, str]]]:
    """What goes and what stays, each with the reason. Pure but for the real paths of files."""
    total = sum(each.size for each in entries)
    removed, kept = [], []
    for entry in entries:
        use = _use(entry, users, recent)
        if total <= limit:
            kept.append((entry, "there is room"))
        elif use:
            kept.append((entry, use))
        else:
            total -= entry.size
            removed.append((entry, f"nothing uses it, and the images have more than {format_size(limit)}"))
    return removed, kept


def _use(entry: Entry, users: Mapping[str, str], recent: float) -> str | None:
    """Why the entry has to stay, None where nobody needs it."""
    who = next((users[path] for path in map(os.path.realpath, entry.files) if path in users), None)
    if who:
        return f"{who} uses it"
    return "it was used a short time ago" if entry.used > recent else None


def _entries(directory: Path) -> Iterator[Entry]:
    """The images of the directory, and what killed or failed runs left there."""
    for path in sorted(directory.iterdir()) if directory.is_dir() else []:
        unfinished = _PARTIAL.fullmatch(path.name) or _WORK.fullmatch(path.name)
        if _RECORD.fullmatch(path.name):
            yield from _image(path)
        elif unfinished:
            with_contents = [path, *path.rglob("*")] if path.is_dir() and not path.is_symlink() else [path]
            yield Entry(unfinished["name"], (path,), path.lstat().st_mtime, sum(map(_size, with_contents)), False)


def _image(path: Path) -> Iterator[Entry]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        return
    files = [Path(each["path"]) for each in record["files"]]
    # Moved here from another directory: those files are not ours to remove.
    files = [each for each in reversed(files) if each.parent == path.parent]
    yield Entry(record["image"]["name"], (*files, path), path.stat().st_mtime, sum(map(_size, [*files, path])), True)


def _size(path: Path) -> int:
    """What the file takes on the disk."""
    try:
        return path.lstat().st_blocks * 512
    except FileNotFoundError:
        return 0


def _remove(directory: Path, entry: Entry, users: Mapping[str, str], recent: float) -> str | None:
    """Remove an entry, or tell why it stays: a run works on it, or has come to use it since it was looked at."""
    what, last = f"image {entry.name}", entry.files[-1]
    try:
        with ExitStack() as locks:
            locks.enter_context(locked(directory / f".{entry.name}.lock", 0, what, os.O_RDWR | os.O_CREAT))
            if entry.complete:  # whoever notes a use of it (Store.note_use) has done so, or finds it gone
                locks.enter_context(locked(last, 0, what))
            use = _use(replace(entry, used=last.lstat().st_mtime), users, recent)
            if use is None:
                _unlink(entry.files)
            return use
    except FileNotFoundError:
        return "another run removed it"
    except HypervisorError as error:
        if error.code != "LOCKED":
            raise
        return "another run works on it"


def _unlink(paths: Sequence[Path]) -> None:
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
