# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The system calls that Python 3.8's standard library lacks, and one way to run a command."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS = 0x00020000, 0x02000000, 0x04000000
CLONE_NEWIPC, CLONE_NEWPID, CLONE_NEWNET = 0x08000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 0x1000, 0x4000, 0x40000
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class LabError(Exception):
    """A lab host cannot be built; the message says why and what to do."""


def _checked(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}{arguments}: {os.strerror(error)}")


def unshare(flags: int) -> None:
    """Move this process (for CLONE_NEWPID: its next children) into new namespaces."""
    _checked("unshare", flags)


def setns(descriptor: int, kind: int) -> None:
    """Enter the namespace behind an open C(/proc/PID/ns) file."""
    _checked("setns", descriptor, kind)


def mount(source: str, target: str, kind: str = "none", flags: int = 0, data: str = "") -> None:
    """mount(2)."""
    _checked("mount", os.fsencode(source), os.fsencode(target), kind.encode(), ctypes.c_ulong(flags), data.encode())


def die_with_parent() -> None:
    """Let the kernel kill this process when its parent dies; this survives an exec."""
    _checked("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def run(*command: str, check: bool = True) -> str:
    """The output of a command; its failure is a LabError that shows it."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise LabError(f"{command[0]} is missing: install its package first") from None
    if check and done.returncode != 0:
        raise LabError(f"{' '.join(command)}: exit {done.returncode}: {(done.stderr or done.stdout).strip()}")
    return done.stdout
