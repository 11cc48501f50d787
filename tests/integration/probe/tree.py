# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is in the initramfs: busybox and its names, modules, the first process, and programs of this machine."""

from __future__ import annotations

import re
import shutil
import stat
from pathlib import Path
from typing import Mapping, Sequence

from .cpio import DIRECTORY, Entry, executable, link
from .kernel import ProbeError, run

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


def tree(modules: Mapping[str, bytes], programs: Sequence[str]) -> dict[str, Entry]:
    """The files of the initramfs by path."""
    busybox = _program("busybox")
    found = {
        **dict.fromkeys(("dev", "proc", "sys", "tmp", "var/run"), DIRECTORY),
        "dev/console": Entry(stat.S_IFCHR | 0o600, device=(5, 1)),
        "bin/busybox": executable(busybox.read_bytes()),
        **{f"bin/{name}": link("busybox") for name in run(str(busybox), "--list").split() if name != "busybox"},
        "init": executable((Path(__file__).parent / "init").read_bytes()),
        "etc/udhcpc.script": executable((Path(__file__).parent / "udhcpc.script").read_bytes()),
        # What busybox's acpid runs when the power button is pressed.
        "etc/acpi/PWRF/00000080": executable(b"#!/bin/sh\necho POWER-BUTTON >/dev/console\nexec poweroff -f\n"),
        "etc/modules": executable("".join(f"/lib/modules/{name}.ko\n" for name in modules).encode()),
        **{f"lib/modules/{name}.ko": executable(data) for name, data in modules.items()},
    }
    for program in programs:
        found.update(_with_libraries(program))
    return found


def _program(name: str) -> Path:
    path = shutil.which(name)
    if not path:
        raise ProbeError(f"{name} is missing: install its package first.")
    return Path(path).resolve()


def _with_libraries(program: str) -> dict[str, Entry]:
    """A program of this machine under its own name in /bin, and the libraries that it loads at their paths."""
    path = _program(program)
    libraries = re.findall(r"(/\S+) \(0x", run("ldd", str(path)))
    files = {library.lstrip("/"): executable(Path(library).read_bytes()) for library in libraries}
    return {**files, f"bin/{program}": executable(path.read_bytes())}
