# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What is in the initramfs: busybox and its names, modules, the first process, and programs of this machine."""

from __future__ import annotations

import re
import shutil
import stat
from pathlib import Path
from typing import Mapping, Sequence

from .._errors import HypervisorError
from . import packages
from .cpio import DIRECTORY, Entry, executable, link
from .scripts import INIT, UDHCPC

# In this order, each with what it depends on: buses, what hangs on them, and the power button.
MODULES = (
    "virtio_pci",
    "virtio_blk",
    "virtio_net",
    "virtio_scsi",
    "sd_mod",
    "virtio_console",
    "virtio_balloon",
    "virtio_rng",
    "evdev",
    "button",
)


def tree(busybox: Path, modules: Mapping[str, bytes], programs: Sequence[str]) -> dict[str, Entry]:
    """The files of the initramfs by path."""
    found = {
        **dict.fromkeys(("dev", "proc", "sys", "tmp", "var/run"), DIRECTORY),
        "dev/console": Entry(stat.S_IFCHR | 0o600, device=(5, 1)),
        **_with_libraries(busybox, "busybox"),
        **{f"bin/{name}": link("busybox") for name in _applets(busybox)},
        "init": executable(INIT.encode()),
        "etc/udhcpc.script": executable(UDHCPC.encode()),
        # What busybox's acpid runs when the power button is pressed.
        "etc/acpi/PWRF/00000080": executable(b"#!/bin/sh\necho POWER-BUTTON >/dev/console\nexec poweroff -f\n"),
        "etc/modules": executable("".join(f"/lib/modules/{name}.ko\n" for name in modules).encode()),
        **{f"lib/modules/{name}.ko": executable(data) for name, data in modules.items()},
    }
    for program in programs:
        path = program_of(program)
        if not path:
            raise HypervisorError(
                f"{program} is not an executable here: install its package first.", "EXECUTABLE_MISSING"
            )
        found.update(_with_libraries(path, Path(program).name))
    return found


def busybox_of(directory: Path) -> Path:
    """This machine's busybox, else the one of the package busybox-static, fetched into C(directory)."""
    found = program_of("busybox")
    if found:
        return found
    if not packages.usable():
        raise HypervisorError(
            "busybox is not installed, and there is no apt to fetch it with: install it.", "EXECUTABLE_MISSING"
        )
    unpacked = packages.unpack(["busybox-static"], directory)
    return next(path for path in (unpacked / "bin/busybox", unpacked / "usr/bin/busybox") if path.exists())


def _applets(busybox: Path) -> list[str]:
    return [name for name in packages.output(str(busybox), "--list").split() if name != "busybox"]


def program_of(name: str) -> Path | None:
    """The file of a program that is on the search path, or is given by its path."""
    path = shutil.which(name)
    return Path(path).resolve() if path else None


def _with_libraries(path: Path, name: str) -> dict[str, Entry]:
    """A program under its own name in /bin, and the libraries that it loads at their paths."""
    files = {library.lstrip("/"): executable(Path(library).read_bytes()) for library in _libraries(path)}
    return {**files, f"bin/{name}": executable(path.read_bytes())}


def _libraries(path: Path) -> list[str]:
    try:
        return re.findall(r"(/\S+) \(0x", packages.output("ldd", str(path)))
    except HypervisorError as error:
        if error.code != "COMMAND_FAILED":
            raise
        return []  # linked statically
