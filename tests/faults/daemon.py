# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab host's libvirtd: killed, stopped, let go on, and started again."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Callable

SOCKET = "/run/libvirt/libvirt-sock"
_PID_FILE = Path("/run/libvirtd.pid")
_DEADLINE = 30.0


def _pid() -> int:
    return int(_PID_FILE.read_text())


def kill() -> None:
    """End it without a chance to tidy up."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(_pid(), signal.SIGKILL)
        _until(lambda: not _runs())


def stop() -> None:
    """It neither answers nor closes its connections."""
    os.kill(_pid(), signal.SIGSTOP)


def go_on() -> None:
    """Undo C(stop)."""
    os.kill(_pid(), signal.SIGCONT)


def start() -> None:
    """Start it where it does not run, and wait until it answers."""
    if _runs():
        return
    subprocess.run(["libvirtd", "-d"], stdin=subprocess.DEVNULL, check=True, timeout=_DEADLINE)
    _until(_answers)


def _runs() -> bool:
    """Whether a thread of it is left: its locks and sockets are there until the last has ended, not only the first."""
    try:
        threads = list(Path(f"/proc/{_pid()}/task").iterdir())
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return False
    return any(_lives(thread) for thread in threads)


def _lives(thread: Path) -> bool:
    try:
        state = (thread / "stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def _answers() -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(SOCKET) == 0


def _until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _DEADLINE
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError("libvirtd did not do what it was told to")
        time.sleep(0.01)
