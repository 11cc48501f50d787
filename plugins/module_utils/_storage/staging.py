# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Files that appear whole or not at all: staged beside their place under a hidden name, then renamed.

Volumes are copied by file access and not through a libvirt stream or clone, because only a rename
makes them appear whole: libvirt can neither rename a volume nor tell a half copied one from a whole
one. It lists both under the final name, with the full capacity and allocation. So the pool's
directory has to be on the machine where the module runs.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping

from .._errors import HypervisorError
from .._image.store import explained_space
from .._lock import locked
from .._records import sync

WAIT = 3600
"""Seconds to wait for another run that makes the same copy."""

Fill = Callable[[Path, int], Any]
"""C(fill(part, lock)) writes and verifies the staged file; a child that is given the lock keeps other runs out."""


def place(
    final: Path,
    fill: Fill,
    permissions: Mapping[str, Any],
    timeout: int,
    finished: Callable[[], bool] | None = None,
    tick: Callable[[], None] = lambda: None,
) -> bool:
    """Make C(final) what C(fill) writes; False where C(finished) says that it is so, which else is that it exists.

    Killed at any point, it leaves nothing half at C(final), and a part that the next run takes over.
    """
    part = final.with_name(f".{final.name}.part")
    with explained(final), locked(part, timeout, f"{final}", os.O_RDWR | os.O_CREAT, tick) as lock:
        try:
            if (finished or final.exists)():
                return False
            with explained_space(part.parent):
                fill(part, lock)
                _finish(part, permissions)
            part.rename(final)
            sync(final.parent)
        finally:
            part.unlink(missing_ok=True)
    return True


def _finish(part: Path, permissions: Mapping[str, Any]) -> None:
    owner, group = permissions.get("owner"), permissions.get("group")
    os.chown(part, -1 if owner is None else owner, -1 if group is None else group)
    part.chmod(int(permissions.get("mode") or "0600", 8))
    sync(part)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what the file system refuses into a clear error."""
    try:
        yield
    except OSError as error:
        raise HypervisorError(
            f"{error.filename or path}: {error.strerror or error}. Copies are read and written on the machine where the"
            " module runs: check the path, and that the user may do so (become: true).",
            "COPY_FAILED",
            path=str(error.filename or path),
        ) from error
