# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""QEMU's command line for a probe guest."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from typing import Mapping, Sequence

from .._errors import HypervisorError
from . import disk
from .build import Image
from .packages import output

CONSOLE = "console=ttyS0 quiet panic=-1 no_timer_check silent"
"""A panic ends QEMU (with -no-reboot); without no_timer_check a kernel that gets little time panics for no reason."""
MODELS = {"kvm": "host", "tcg": "qemu64"}


@dataclass(frozen=True)
class Machine:
    """The machine that QEMU makes."""

    accelerator: str
    machine: str
    cpu: str
    vcpus: int
    memory_mib: int
    tcg_thread: str | None
    tb_size_mib: int | None
    kernel_arguments: str
    hugepages: bool
    disk: disk.Disk | None


def command(binary: str, machine: Machine, image: Image, name: str, content: int | None = None) -> list[str]:
    """The command; the guest's console is QEMU's standard input and output, C(content) the descriptor of its disk."""
    return [
        *(binary, "-name", f"{name},debug-threads=on"),
        *("-accel", _accelerator(machine), "-cpu", machine.cpu, "-smp", str(machine.vcpus)),
        *_memory(machine),
        *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
        *("-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console"),
        *(disk.arguments(machine.disk, content) if machine.disk and content is not None else ()),
        *("-kernel", str(image.kernel), "-initrd", str(image.initrd)),
        *("-append", f"{CONSOLE} {machine.kernel_arguments}".strip()),
    ]


def _accelerator(machine: Machine) -> str:
    settings: Mapping[str, object] = {"thread": machine.tcg_thread, "tb-size": machine.tb_size_mib}
    given = [f"{name}={value}" for name, value in settings.items() if value is not None]
    if given and machine.accelerator != "tcg":
        raise HypervisorError(
            f"tcg_thread and tb_size are settings of TCG, and the guest runs under {machine.accelerator}:"
            " remove them, or set accelerator to tcg.",
            "INVALID_OPTION",
        )
    return ",".join([machine.accelerator, *given])


def _memory(machine: Machine) -> list[str]:
    """The machine type and its memory, which may consist of huge pages."""
    if not machine.hugepages:
        return ["-machine", machine.machine, "-m", str(machine.memory_mib)]
    # Without prealloc a guest that gets no page in its midst would die of a bus error.
    pages = f"memory-backend-memfd,id=memory,size={machine.memory_mib}M,hugetlb=on,prealloc=on"
    return ["-object", pages, "-machine", f"{machine.machine},memory-backend=memory", "-m", str(machine.memory_mib)]


def wrapped(argv: Sequence[str], cpus: Sequence[int], nice: int) -> list[str]:
    """The command so that it dies with who started it, however that ends; pinned and niced where asked."""
    return [
        *("setpriv", "--pdeathsig", "KILL"),
        *(("nice", "-n", str(nice)) if nice else ()),
        *(("taskset", "-c", ",".join(map(str, cpus))) if cpus else ()),
        *argv,
    ]


def binary_of(name: str) -> str:
    """The path of QEMU."""
    path = shutil.which(name)
    if path is None:
        raise HypervisorError(
            f"{name} is not an executable here: install QEMU (package qemu-system-x86 on Debian), or set qemu.",
            "EXECUTABLE_MISSING",
        )
    return path


def version_of(binary: str) -> str:
    """QEMU's version, as it prints it."""
    found = re.search(r"version (.+)", output(binary, "--version"))
    return found.group(1).strip() if found else ""
