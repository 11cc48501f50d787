# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Start and stop libvirt's daemons on machines that have no service manager to do it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Sequence

from .._deps import libvirt
from .._errors import HypervisorError
from .._libvirt.connection import connect
from .._lock import locked
from .._xml.difference import Change
from .._xml.properties import LIVE
from .daemons import PATH, binary, is_listening
from .files import read

DAEMONS = ("virtlogd", "libvirtd")
"""In the order of their start: libvirtd is a client of virtlogd."""

STARTED, STOPPED = "started", "stopped"
RUNTIME = Path("/run/mini-hypervisor")
_URI = "qemu:///system"

# The program itself notes its process ID before it becomes the daemon, so none is ever running unnoted.
_NOTE_AND_RUN = 'echo $$ >"$0" && exec "$@"'


def answers(name: str, patience: int = 5) -> bool:
    """True where the daemon serves, whoever started it. libvirtd may listen long before it serves."""
    if name != "libvirtd" or libvirt is None:
        return is_listening(name)
    try:
        with connect(_URI, patience, readonly=True):
            return True
    except HypervisorError:
        return False


def own_pid(name: str) -> int | None:
    """The process of a daemon that this module started, None where there is none (any more)."""
    noted = read(RUNTIME / f"{name}.pid").strip()
    if not noted.isdigit():
        return None
    command = read(f"/proc/{noted}/cmdline").split("\0")[:-1]
    return int(noted) if command == _command(name) else None


def _command(name: str) -> list[str]:
    """The daemon under a subreaper that collects at once the QEMU processes it kills: libvirt waits for that."""
    return ["tini", "-s", "-g", "--", binary(name) or name]


def describe() -> list[dict[str, Any]]:
    """The daemons, in the order of their start."""
    return [
        {"name": name, "state": STARTED if answers(name) else STOPPED, "pid": own_pid(name), "log": str(_log(name))}
        for name in DAEMONS
    ]


def plan(state: str, found: Sequence[dict[str, Any]]) -> list[str]:
    """The daemons to start or stop, in order. Pure. Those that others started are never stopped."""
    if state == STARTED:
        return [daemon["name"] for daemon in found if daemon["state"] == STOPPED]
    return [daemon["name"] for daemon in reversed(found) if daemon["pid"]]


def converge(state: str, timeout: int, check_mode: bool) -> dict[str, Any]:
    """Start or stop what has to be (or tell it); the module's result."""
    _refuse_service_manager()
    found = describe()
    todo = plan(state, found)
    if todo and not check_mode:
        RUNTIME.mkdir(mode=0o755, exist_ok=True)
        deadline = time.monotonic() + timeout
        with locked(RUNTIME, timeout, "libvirt's daemons"):
            for name in todo:
                if state == STARTED:
                    _start(name, deadline)
                else:
                    _stop(name, deadline)
        found = describe()
    other = STOPPED if state == STARTED else STARTED
    return {
        "changed": bool(todo),
        "changes": [Change(name, other, state, LIVE).as_dict() for name in todo],
        "diff": {
            "before": "".join(f"{name}: {other}\n" for name in todo),
            "after": "".join(f"{name}: {state}\n" for name in todo),
        },
        "daemons": found,
    }


def _refuse_service_manager() -> None:
    if Path("/run/systemd/system").is_dir():
        raise HypervisorError(
            "systemd manages libvirt's daemons on this host: use ansible.builtin.systemd_service for libvirtd.",
            "SERVICE_MANAGER",
        )


def _start(name: str, deadline: float) -> None:
    if answers(name):  # another run started it while this one waited for the lock
        return
    if own_pid(name) is None:
        _launch(name)
    while not answers(name):
        if own_pid(name) is None:
            raise HypervisorError(f"{name} ended as it was started. {_tail(name)}", "DAEMON_FAILED")
        if time.monotonic() > deadline:
            raise HypervisorError(
                f"{name} runs, but does not answer yet: wait and run again, or give a longer timeout. {_tail(name)}",
                "DAEMON_TIMEOUT",
            )
        time.sleep(0.1)


def _launch(name: str) -> None:
    missing = [program for program in (name, "tini") if binary(program) is None]
    if missing:
        raise HypervisorError(
            f"{' and '.join(missing)} cannot be found: install libvirt-daemon-system and tini (the role host does).",
            "MISSING_PROGRAM",
        )
    note = RUNTIME / f"{name}.pid"
    note.unlink(missing_ok=True)
    with _log(name).open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            ["sh", "-c", _NOTE_AND_RUN, str(note), *_command(name)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env={"PATH": PATH, "LANG": "C.UTF-8"},
            start_new_session=True,
        )
    while own_pid(name) is None and process.poll() is None:
        time.sleep(0.01)


def _stop(name: str, deadline: float) -> None:
    """End it as a service manager does. Guests and networks go on without it."""
    pid = own_pid(name)
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
    while own_pid(name) is not None:
        if time.monotonic() > deadline:
            raise HypervisorError(
                f"{name} (process {pid}) was told to end and still runs: see what it waits for. {_tail(name)}",
                "DAEMON_TIMEOUT",
            )
        time.sleep(0.1)
    for left in (RUNTIME / f"{name}.pid", _log(name)):
        left.unlink(missing_ok=True)


def _log(name: str) -> Path:
    return RUNTIME / f"{name}.log"


def _tail(name: str) -> str:
    lines = read(_log(name)).splitlines()[-5:]
    return f"Its log {_log(name)} ends: {' / '.join(lines)}" if lines else f"Its log {_log(name)} is empty."
