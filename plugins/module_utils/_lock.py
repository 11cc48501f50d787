# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A lock between runs on one machine, which the kernel drops with the process."""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, ContextManager, Iterator

from ._errors import HypervisorError


@contextmanager
def locked(
    path: Path, timeout: int, what: str, flags: int = os.O_RDONLY, tick: Callable[[], None] = lambda: None
) -> Iterator[int]:
    """Hold the lock of C(path), a file or a directory, during the block; C(tick) is called while waiting for it.

    The block is given the file descriptor. A child that inherits it holds the lock too, should this process be killed.
    Several runs that open with O_CREAT, and rename or remove the file while they hold the lock,
    still exclude each other: a lock on a file that is no longer at C(path) is not taken for one.
    """
    deadline = time.monotonic() + timeout
    while True:
        descriptor = os.open(path, flags, 0o600)
        try:
            if _lock(descriptor) and _is_at(descriptor, path):
                yield descriptor
                return
        finally:
            os.close(descriptor)
        if time.monotonic() > deadline:
            raise HypervisorError(
                f"Another run has been working on {what} for more than {timeout} s: wait for it,"
                f" see with 'fuser {path}' who it is, or give a longer timeout.",
                "LOCKED",
            )
        tick()
        time.sleep(0.1)


def libvirt_locked(timeout: int, what: str) -> ContextManager[int]:
    """The lock between all runs that change definitions of this machine's libvirt."""
    return locked(_runtime(), timeout, what)


@contextmanager
def domain_locked(name: str, timeout: int) -> Iterator[None]:
    """The lock between all runs that change one domain. Others need not wait while this one shuts down."""
    path = _runtime() / f"mini-hypervisor-domain-{name}-{os.getuid()}.lock"
    with locked(path, timeout, f"domain {name}", os.O_RDWR | os.O_CREAT):
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _runtime() -> Path:
    runtime = Path("/run/libvirt")
    return runtime if os.access(runtime, os.W_OK) else Path(tempfile.gettempdir())


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
