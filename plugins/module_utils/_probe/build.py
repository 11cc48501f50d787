# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The probe guest: a kernel and an initramfs with programs of this machine. The same programs give the same bytes."""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Mapping, Sequence

from .._errors import HypervisorError
from . import cpio, kernel
from .packages import digest
from .tree import MODULES, busybox_of, program_of, tree


@dataclass(frozen=True)
class Image:
    """What QEMU boots."""

    kernel: Path
    initrd: Path
    kernel_sha256: str
    initrd_sha256: str
    """Of the archive before it is compressed, which names the file."""
    programs: Mapping[str, Mapping[str, str]]
    """What of this machine is in it, by name: C(path) and C(sha256)."""


def default_directory() -> Path:
    """Where the probe guest is kept: it can be made again at any time."""
    if os.geteuid() == 0:
        return Path("/var/cache/mini-hypervisor/probe")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mini-hypervisor/probe"


def build(directory: Path, programs: Sequence[str], given_kernel: str | None = None, devices: bool = False) -> Image:
    """The probe guest with these programs, made where it is not there yet.

    With C(devices) it has the modules for disks and networks, which only the fetched kernel brings along: a given one
    has to have them built in.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        unpacked = kernel.fetched(directory) if devices and not given_kernel else None
        found = kernel.image(unpacked) if unpacked else kernel.find(given_kernel, directory)
        drivers = kernel.modules(unpacked, MODULES) if unpacked else {}
        archive = cpio.archive(tree(busybox_of(directory), drivers, programs))
        name = hashlib.sha256(archive).hexdigest()
        initrd = directory / f"initrd-{name[:16]}.gz"
        if not initrd.exists():
            # Fast rather than small: the guest has to unpack it at every boot.
            _write(initrd, gzip.compress(archive, 1, mtime=0))
        return Image(found, initrd, digest(found), name, {program: _described(program) for program in programs})
    except OSError as error:
        raise HypervisorError(
            f"The probe guest cannot be made in {directory}: {error}. Give another directory, or free space.",
            "PROBE_NOT_BUILT",
        ) from error


def _described(program: str) -> dict[str, str]:
    found = program_of(program)
    return {"path": str(found), "sha256": digest(found)} if found else {}


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all, also where two runs write it."""
    descriptor, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    Path(partial).chmod(0o644)
    Path(partial).replace(path)
