# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Where saved machines lie, and how one becomes complete.

A machine is saved exactly when its record is there, and its memory and its disk are the files that the record names.
The record is written last. Who is killed before leaves what the next run does again.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Collection, Iterator, Mapping

from .. import _records as records
from .._errors import HypervisorError
from .._lock import locked
from .._names import check_name

DIRECTORY = "/var/lib/mini-hypervisor/saved"


def digest(inputs: Mapping[str, Any]) -> str:
    """What names a saved machine: other inputs are another one."""
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


class Place:
    """The place of one saved machine: a directory that only its owner can read."""

    def __init__(self, directory: str, name: str) -> None:
        self.name = check_name("Saved machine", name)
        self.directory = Path(directory) / name
        self.memory = self.directory / "memory"
        self.part = self.directory / "memory.part"
        self.quieting = self.directory / "quieting"
        """There since the machine was begun to be quieted: it cannot be booted again until its disk is made anew."""
        self._record = self.directory / "record.json"

    @contextmanager
    def locked(self, timeout: int, tick: Callable[[], None]) -> Iterator[None]:
        """Hold the lock of this machine: one run at a time makes it, removes it, or puts a guest on its disk."""
        self._make(self.directory.parent, 0o755)
        path = self.directory.parent / f".{self.name}.lock"
        with locked(path, timeout, f"the saved machine {self.name}", os.O_RDWR | os.O_CREAT, tick):
            try:
                yield
            finally:
                path.unlink(missing_ok=True)

    def create(self) -> None:
        """Have the directory. What is in it belongs to whoever holds the lock."""
        self._make(self.directory, 0o700)

    def record(self) -> dict[str, Any] | None:
        """What the record says, None where there is none or where a file is not the one that it names."""
        found = self._read()
        whole = (
            found is not None
            and found["memory"] == records.stat(self.memory)
            and found["disk"]["stat"] == records.stat(Path(found["disk"]["path"]))
        )
        return found if whole else None

    def disk(self) -> Path | None:
        """The disk that the record names, whatever became of it."""
        found = self._read()
        return Path(found["disk"]["path"]) if found else None

    def _read(self) -> dict[str, Any] | None:
        return records.read(self._record, str(self.directory))

    def publish(self, disk: Path, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Make it complete: the memory gets its name, then the record tells of it."""
        self.part.chmod(0o600)
        records.sync(self.part)
        self.part.rename(self.memory)
        records.sync(disk)
        record = records.write(
            self._record,
            self.directory / "record.part",
            {
                "memory": records.stat(self.memory),
                "disk": {"path": str(disk), "stat": records.stat(disk)},
                **facts,
            },
            0o600,
        )
        records.sync(self.directory)
        return record

    def begin_quieting(self) -> None:
        """Note that, before anything is done."""
        self.quieting.touch(0o600)
        records.sync(self.directory)

    def discard(self) -> None:
        """Take the record away first: what is left is then no saved machine."""
        for path in (self._record, self.memory, self.part, self.directory / "record.part"):
            path.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove all but the disk, and the directories that are empty then."""
        self.discard()
        for path in self.directory.glob("*"):
            path.unlink()
        self.directory.rmdir()

    def marker(self, uuid: str) -> Path:
        """There while a guest is being restored and has not all of its identity."""
        return self.directory / f"restoring-{uuid}"

    def copy(self, uuid: str) -> Path:
        """The memory as it is restored under another name."""
        return self.directory / f"copy-{uuid}"

    def sweep(self, uuids: Collection[str]) -> None:
        """Remove what runs that were killed left for domains that are gone; C(uuids) are those that are there."""
        for kind in ("restoring-", "copy-"):
            for path in self.directory.glob(f"{kind}*"):
                if path.name[len(kind) :] not in uuids:
                    path.unlink()

    def _make(self, directory: Path, mode: int) -> None:
        try:
            directory.mkdir(mode=mode, parents=True, exist_ok=True)
            if not os.access(directory, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        except OSError as error:
            raise HypervisorError(
                f"Machines cannot be saved in {self.directory.parent} ({error.strerror}): use become: true, or another"
                " directory.",
                "NOT_WRITABLE",
            ) from error
