# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Run the probe guest in QEMU, with a deadline, and say in words how it ended."""

from __future__ import annotations

import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from . import probe_guest


@dataclass(frozen=True)
class Outcome:
    """How one run ended. C(output) is what the guest wrote, C(messages) what QEMU did."""

    command: list[str]
    seconds: float
    deadline: float
    status: int
    output: str
    messages: str

    @property
    def answer(self) -> str:
        """What the guest computed, empty where it did not come so far."""
        return self.output.lstrip("".join(probe_guest.STAGES))

    @property
    def stage(self) -> str:
        """The last mode that the guest reported, a key of STAGES."""
        return self.output[: len(self.output) - len(self.answer)][-1:]

    @property
    def passed(self) -> bool:
        """True where the guest ran to its end and was right."""
        return self.status == probe_guest.EXIT_STATUS and self.answer == probe_guest.answer()


def run(qemu: str, accelerator: str, cpu: str, deadline: float) -> Outcome:
    """Boot the probe guest. Nothing is left behind: C(timeout) ends QEMU even where this process is killed."""
    with tempfile.TemporaryDirectory(prefix="mini-hypervisor-probe-") as directory:
        disk = Path(directory, "boot-sector")
        disk.write_bytes(probe_guest.boot_sector())
        command = ["timeout", "--signal=KILL", str(deadline), *_qemu(qemu, accelerator, cpu, disk)]
        started = time.monotonic()
        process = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="ascii",
            errors="replace",
            check=False,
        )
        seconds = round(time.monotonic() - started, 2)
    return Outcome(command, seconds, deadline, process.returncode, process.stdout.strip(), process.stderr.strip())


def _qemu(qemu: str, accelerator: str, cpu: str, disk: Path) -> list[str]:
    return [
        *(qemu, "-accel", accelerator, "-cpu", cpu, "-machine", "pc", "-m", "16"),
        *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
        *("-drive", f"file={disk},format=raw,if=ide"),
        *("-chardev", "stdio,id=answer,signal=off"),
        *("-device", f"isa-debugcon,iobase={probe_guest.OUTPUT_PORT:#x},chardev=answer"),
        *("-device", f"isa-debug-exit,iobase={probe_guest.EXIT_PORT:#x},iosize=1"),
    ]


def failure(outcome: Outcome) -> str:
    """Why a run is no proof, as half a sentence; empty where it is one."""
    if outcome.passed:
        return ""
    if outcome.seconds >= outcome.deadline:
        return _silence(outcome)
    if outcome.status != probe_guest.EXIT_STATUS:
        return f"QEMU stopped: {last_message(outcome.messages)}"
    return f"the guest computed {outcome.answer!r} instead of {probe_guest.answer()!r}"


def _silence(outcome: Outcome) -> str:
    if not outcome.stage:
        return f"the guest did not run its first instruction within {outcome.deadline} s"
    if outcome.stage == "l":
        return (
            f"the guest started, but did not finish {probe_guest.STEPS} steps of a loop within {outcome.deadline} s,"
            " as where KVM emulates each instruction instead of letting the processor run it"
        )
    return f"the guest stopped {probe_guest.STAGES[outcome.stage]}, and was given {outcome.deadline} s"


def last_message(messages: str) -> str:
    """The last thing that QEMU said, except for the assertion that says in C what it just said in words."""
    lines = [line.partition(": ")[2] or line for line in messages.splitlines() if line.strip()]
    words = [line for line in lines if "Assertion" not in line]
    return (words or lines or ["it said nothing"])[-1].strip()
