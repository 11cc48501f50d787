# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""All facts about the host in one dictionary, and the accelerator that it has to offer."""

from __future__ import annotations

import platform
import re
import subprocess
from dataclasses import asdict
from shutil import which
from typing import Any, Mapping

from . import accelerator, daemons, kvm, libvirt_answer, machine, user, user_networks, virtualization


def gather(options: Mapping[str, Any]) -> dict[str, Any]:
    """The facts; what cannot be had is None, with a sentence in C(problems)."""
    architecture = platform.machine()
    qemu = accelerator.binary(architecture)
    libvirt = libvirt_answer.ask(options["uri"], options["timeout"], architecture)
    closed = kvm.guest_user_problem(*libvirt.guest_user) if libvirt.guest_user else ""
    required = options["accelerator"]
    verdicts = accelerator.examine(
        [*options["accelerators"], *([] if required == "auto" else [required])],
        accelerator.Host(qemu, libvirt.offered, closed, architecture),
        options["refresh"],
        options["trust_unproven"],
    )
    chosen, reason = accelerator.choose(required, verdicts)
    account = user.describe()
    return {
        "hostname": platform.node(),
        "os": machine.operating_system(),
        "kernel": platform.release(),
        "arch": architecture,
        "node": machine.node(),
        "versions": {
            "libvirt": libvirt.version,
            "qemu": qemu_version(qemu),
            "libvirt_python": libvirt.bindings,
            "kernel": platform.release(),
        },
        "accelerators": [asdict(verdict) for verdict in verdicts],
        "accelerator": chosen,
        "accelerator_reason": reason,
        "user_networks": [
            asdict(verdict) for verdict in user_networks.verdicts(libvirt.backends, libvirt.silence, which("passt"))
        ],
        "virtualization": virtualization.virtualization(),
        "daemons": daemons.describe(),
        "user": account,
        "problems": [
            problem
            for problem in (
                "" if qemu else f"qemu-system-{architecture} is not installed: install QEMU (the role host does).",
                *libvirt.problems,
                f"{closed}." if closed else "",
                "" if chosen else f"No accelerator is usable. {reason}.",
                user.problem(account, options["uri"]),
            )
            if problem
        ],
    }


def qemu_version(qemu: str | None) -> str | None:
    """QEMU's version, as QEMU tells it."""
    if qemu is None:
        return None
    said = subprocess.run([qemu, "--version"], stdout=subprocess.PIPE, encoding="utf-8", check=False).stdout
    match = re.search(r"version (\S+)", said)
    return match.group(1) if match else None
