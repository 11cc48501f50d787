# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Files of the hypervisor that become volumes: staged beside their place, verified, then renamed.

The copy is made by file access and not through a libvirt stream, because only a rename makes it
appear whole: libvirt can neither rename a volume nor tell a half uploaded one from a whole one, and
accepts uploads past the capacity. So the pool's directory has to be on the machine where the
module runs.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator, Mapping

from .._errors import HypervisorError
from .._image.inspect import inspect
from .._image.store import copy_sparse, explained_space, need_space
from .._image.sums import digest_file, parse_checksum
from .._lock import locked

_LARGEST = 1 << 50
"""A virtual size beyond 1 PiB is an attack or a broken header."""


def examine(source: Path, image_format: str, checksum: str | None) -> int:
    """The virtual size of an image that is what it is said to be; anything else is refused."""
    with _explained(source):
        if not stat.S_ISREG(source.stat().st_mode):
            raise HypervisorError(f"{source} is not a regular file: give the path of an image.", "INVALID_OPTION")
        with source.open("rb") as file:
            size = inspect(file, str(source), image_format, _LARGEST).virtual_size
        if checksum is not None:
            wanted = parse_checksum(checksum)
            found = digest_file(source, wanted.algorithm)[wanted.algorithm]
            if found != wanted.digest:
                raise HypervisorError(
                    f"{source} has {wanted.algorithm} {found}, and {wanted.digest} was expected:"
                    " fetch it anew, or correct checksum.",
                    "CHECKSUM_MISMATCH",
                    expected=wanted.digest,
                    found=found,
                )
    return size


def place(source: Path, final: Path, image_format: str, permissions: Mapping[str, Any], timeout: int) -> bool:
    """Make C(final) a verified copy of C(source); False where another run made it meanwhile.

    Killed at any point, it leaves nothing at C(final), and a part that the next run takes over.
    """
    part = final.with_name(f".{final.name}.part")
    with _explained(final), locked(part, timeout, f"volume {final.name}", os.O_RDWR | os.O_CREAT):
        try:
            if final.exists():
                return False
            _stage(source, part, image_format)
            _finish(part, permissions)
            part.rename(final)
            _sync(final.parent)
        finally:
            part.unlink(missing_ok=True)
    return True


def _stage(source: Path, part: Path, image_format: str) -> None:
    with explained_space(part.parent):
        need_space(part.parent, source.stat().st_blocks * 512, f"the copy of {source}")
        copy_sparse(source, part, lambda done, total: None)
        _sync(part)
    # What is published is the copy, so the copy is what has to be right.
    examine(part, image_format, f"sha256:{digest_file(source, 'sha256')['sha256']}")


def _finish(part: Path, permissions: Mapping[str, Any]) -> None:
    owner, group = permissions.get("owner"), permissions.get("group")
    os.chown(part, -1 if owner is None else owner, -1 if group is None else group)
    part.chmod(int(permissions.get("mode") or "0600", 8))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise HypervisorError(
            f"{error.filename or path}: {error.strerror or error}. An upload reads the source and writes into"
            " the pool's directory on the machine where the module runs: check the path, and that the user may"
            " do so (become: true).",
            "UPLOAD_FAILED",
            path=str(error.filename or path),
        ) from error
