# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A console log that is being written: read on from where the last look ended."""

from __future__ import annotations

import os
from pathlib import Path

from .._errors import HypervisorError
from .console import Console, clean, interpret


class ConsoleLog:
    """The log of one guest; without a path, a console that says nothing.

    C(started) is when the guest was started, as far as it is known: what was written before is of an earlier boot.
    """

    def __init__(self, path: str | None, started: float | None = None) -> None:
        self.path = Path(path) if path else None
        self._text, self._line = "", b""
        self._offset = 0
        self._inode: int | None = None
        self._earlier = 0
        self._read = Console()
        if self.path:
            # virtlogd renames a full log: the lines before the newest are in the first backup.
            self._take(_bytes(self.path.with_name(self.path.name + ".0"), 0))
            self._follow()
            if started is not None and self._written_before(started):
                self._earlier = len(self._said())
            self._parse()

    def look(self) -> Console:
        """What the console says by now."""
        if self._follow():
            self._parse()
        return self._read

    def _parse(self) -> None:
        self._read = interpret(self._said(), self._earlier)

    def _said(self) -> str:
        return self._text + clean(self._line.decode("utf-8", "replace"))

    def _take(self, new: bytes) -> None:
        """Whole lines are cleaned once: a boot writes many, and each look would clean all of them again."""
        lines, newline, self._line = (self._line + new).rpartition(b"\n")
        self._text += clean((lines + newline).decode("utf-8", "replace"))

    def _follow(self) -> bool:
        """Take in what is new; true where anything is."""
        path = self.path
        if path is None:
            return False
        try:
            found = path.stat()
        except FileNotFoundError:
            return False
        if found.st_ino == self._inode and found.st_size < self._offset:
            # The guest was started again and its log emptied.
            self._text, self._line, self._offset, self._earlier = "", b"", 0, 0
        elif found.st_ino != self._inode:
            self._inode, self._offset = found.st_ino, 0
        new = _bytes(path, self._offset)
        self._take(new)
        self._offset += len(new)
        return bool(new)

    def _written_before(self, moment: float) -> bool:
        return self.path is not None and self.path.exists() and self.path.stat().st_mtime < moment


def _bytes(path: Path, offset: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(offset, os.SEEK_SET)
            return file.read()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise HypervisorError(
            f"Console log {path} cannot be read ({error.strerror}): use become: true.", "NOT_READABLE", path=str(path)
        ) from error
