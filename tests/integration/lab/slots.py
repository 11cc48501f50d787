# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Slots: the numbered places of lab hosts, and whose they are.

A slot is a directory that its owner and every process inside hold locked. All that a lab host makes
outside itself is named after the slot's number: where the lock is free its owner is dead, and what stands
under that number can be removed without asking anyone.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

REGISTRY = Path("/var/lib/labhost")
NUMBERS = range(1, 64)


@dataclass(frozen=True)
class Slot:
    """A slot; C(lock) is the open descriptor of its directory for its owner, -1 for anyone else."""

    number: int
    lock: int = -1

    @property
    def directory(self) -> Path:
        """What belongs to the lab host on disk."""
        return REGISTRY / str(self.number)

    @property
    def root(self) -> Path:
        """The lab host's private directories and files, at their own paths below this one."""
        return self.directory / "root"

    def read(self, key: str) -> str:
        """A value that the owner wrote; empty where there is none."""
        try:
            return (self.directory / key).read_text()
        except FileNotFoundError:
            return ""

    def write(self, key: str, value: str) -> None:
        """Leave a value for the others: the C(name), or the C(pid) of the first process inside."""
        (self.directory / key).write_text(value)

    def discard(self) -> None:
        """Remove the slot. What was mounted below it was so in the lab host's own, dead, namespace only."""
        shutil.rmtree(self.directory)
        os.close(self.lock)


def _locked(path: Path, wait: bool) -> int:
    """The descriptor of a locked directory, -1 where someone else holds it."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        os.close(descriptor)
        return -1
    return descriptor


def _is(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def registry() -> Iterator[None]:
    """Hold the registry: one process at a time takes, joins or removes slots. An empty one is removed."""
    while True:
        REGISTRY.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):  # whoever held it before us removed it: make it anew
            lock = _locked(REGISTRY, wait=True)
            if _is(REGISTRY, lock):
                break
            os.close(lock)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            REGISTRY.rmdir()
        os.close(lock)


def taken() -> Iterator[Slot]:
    """Every slot there is, whoever owns it. Within C(registry) only, as all that follows."""
    for number in NUMBERS:
        if (REGISTRY / str(number)).is_dir():
            yield Slot(number)


def dead() -> Iterator[Slot]:
    """The slots of dead owners, each locked for the caller to clean."""
    for slot in taken():
        lock = _locked(slot.directory, wait=False)
        if lock >= 0:
            yield Slot(slot.number, lock)


def take(number: int) -> Slot:
    """A new slot under a free number."""
    (REGISTRY / str(number)).mkdir()
    return Slot(number, _locked(REGISTRY / str(number), wait=False))
