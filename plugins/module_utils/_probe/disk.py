# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The disk of a probe guest: a file without a name, of which nothing is left however the run ends."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Mapping

from .._errors import HypervisorError

DEVICE, PLACE = "vda", "/disk"
"""Where the guest has it, and where its filesystem is."""
_ROOM_MIB = 16
"""For what a filesystem needs beside a file."""


@dataclass(frozen=True)
class Disk:
    """How QEMU serves it, and the size of the file that tests work on. What is not given is as QEMU has it."""

    size_mib: int
    cache: str | None
    aio: str | None
    iothread: bool


def asked(options: Mapping[str, Any] | None) -> Disk | None:
    """The disk of the module's options; None where there is none."""
    if options is None:
        return None
    if options["size"] < 1:
        raise HypervisorError(f"disk.size is {options['size']}: give at least 1 MiB.", "INVALID_OPTION")
    if options["aio"] == "native" and options["cache"] not in ("none", "directsync"):
        raise HypervisorError("disk.aio native needs disk.cache none or directsync.", "INVALID_OPTION")
    return Disk(options["size"], options["cache"], options["aio"], bool(options["iothread"]))


def content(disk: Disk, directory: Path) -> IO[bytes]:
    """The file. Its space is taken at once, so that the guest does not run out of it later."""
    size = (disk.size_mib + disk.size_mib // 8 + _ROOM_MIB) * 2**20
    try:
        file = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115 (the run closes it)
        os.posix_fallocate(file.fileno(), 0, size)
    except OSError as error:
        raise HypervisorError(
            f"The disk of a probe guest cannot be made in {directory}: {error.strerror}."
            f" It takes {size // 2**20} MiB: free space, or give another directory.",
            "NO_SPACE",
        ) from error
    return file


def preparation(disk: Disk) -> str:
    """A line of shell that gives it a filesystem, and on it the file of sysbench's test fileio."""
    return (
        f"mkdir {PLACE} && mke2fs /dev/{DEVICE} >/dev/null 2>&1 && mount -t ext4 -o noatime /dev/{DEVICE} {PLACE}"
        f" && cd {PLACE} && sysbench fileio --file-num=1 --file-total-size={disk.size_mib}M prepare && sync"
    )


def arguments(disk: Disk, descriptor: int) -> list[str]:
    """QEMU's arguments, which opens the file once more by its descriptor, in the mode that is asked for."""
    modes = {"cache": disk.cache, "aio": disk.aio}
    given = "".join(f",{name}={value}" for name, value in modes.items() if value is not None)
    thread = ",iothread=disk-thread" if disk.iothread else ""
    return [
        *(("-object", "iothread,id=disk-thread") if disk.iothread else ()),
        *("-drive", f"if=none,id=disk,format=raw,file=/proc/self/fd/{descriptor}{given}"),
        *("-device", f"virtio-blk-pci,drive=disk{thread}"),
    ]
