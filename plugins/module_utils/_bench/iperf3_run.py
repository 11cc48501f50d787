# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""One command of iperf3: a client that measures, or a server that is started or stopped."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Mapping

from .._errors import HypervisorError
from . import addresses, iperf3, tool
from .documents import said
from .process import Finished, run

RUN, START, STOP = "run", "start", "stop"
_LISTEN = "0A"
_PATIENCE = 20
"""Seconds for a server to listen, or to end."""

SPEC: dict[str, dict[str, Any]] = {
    "command": {"type": "str", "choices": [RUN, START, STOP], "default": RUN},
    "address": {"type": "str", "required": True},
    "networks": {"type": "list", "elements": "str", "required": True},
    "port": {"type": "int", "default": 5201},
    "protocol": {"type": "str", "choices": ["tcp", "udp"], "default": "tcp"},
    "time": {"type": "int", "default": 10},
    "omit": {"type": "int", "default": 0},
    "streams": {"type": "int", "default": 1},
    "reverse": {"type": "bool", "default": False},
    "bitrate": {"type": "str"},
    "length": {"type": "str"},
    "one_off": {"type": "bool", "default": True},
    "pidfile": {"type": "path", "default": "/run/mini-hypervisor-iperf3.pid"},
    "executable": {"type": "path", "default": "iperf3"},
    "timeout": {"type": "int"},
}
"""The options of the module iperf3_run."""


def work(params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The module's work and result."""
    addresses.check(params["address"], params["networks"])
    _check(params)
    return {RUN: _measure, START: _start, STOP: _stop}[params["command"]](params, check_mode)


def client(params: Mapping[str, Any]) -> list[str]:
    """The command line of a client after the executable."""
    flags = {
        "client": params["address"],
        "port": params["port"],
        "time": params["time"],
        "omit": params["omit"] or None,
        "parallel": params["streams"],
        "bitrate": params["bitrate"],
        "length": params["length"],
    }
    switches = [*(["--udp"] if params["protocol"] == "udp" else []), *(["--reverse"] if params["reverse"] else [])]
    return [*(f"--{name}={value}" for name, value in flags.items() if value is not None), *switches, "--json"]


def server(params: Mapping[str, Any]) -> list[str]:
    """The command line of a server after the executable."""
    return [
        "--server",
        f"--bind={params['address']}",
        f"--port={params['port']}",
        f"--pidfile={params['pidfile']}",
        "--daemon",
        *(["--one-off"] if params["one_off"] else []),
    ]


def _measure(params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    argv = [params["executable"], *client(params)]
    if check_mode:
        return tool.predicted("iperf3", argv)
    argv[0] = tool.executable(params["executable"], "iperf3")
    timeout = params["timeout"] or params["time"] + params["omit"] + tool.MARGIN
    done = run(argv, timeout)
    return {"changed": False, "iperf3": tool.described(_read(done), argv, done)}


def _read(done: Finished) -> dict[str, Any]:
    try:
        return iperf3.parse(done.stdout)
    except HypervisorError as error:
        if done.code == 0 or error.code == "IPERF3_FAILED":
            raise
        raise HypervisorError(
            f"iperf3 failed with code {done.code}: {said([done.stderr or done.stdout[-500:]])}",
            "IPERF3_FAILED",
            return_code=done.code,
        ) from error


def _start(params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    argv = [params["executable"], *server(params)]
    running = _running(params)
    if running or check_mode:
        return {"changed": not running, "iperf3": {"command": argv, "pid": running}}
    if _listens(params["port"]):
        raise HypervisorError(
            f"Something else listens on port {params['port']}: end it, or set another port.", "PORT_IN_USE"
        )
    argv[0] = tool.executable(params["executable"], "iperf3")
    done = run(argv, params["timeout"] or _PATIENCE)
    _wait(lambda: done.code != 0 or bool(_running(params) and _listens(params["port"])))
    if not _running(params):
        raise HypervisorError(
            f"The iperf3 server on {params['address']} port {params['port']} did not start:"
            f" {said([done.stderr or done.stdout])}",
            "IPERF3_FAILED",
        )
    return {"changed": True, "iperf3": {"command": argv, "pid": _running(params)}}


def _stop(params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    pid = _running(params)
    if pid and not check_mode:
        with suppress(ProcessLookupError):  # one-off, and just served
            os.kill(pid, signal.SIGTERM)
        if not _wait(lambda: not _running(params)):
            os.kill(pid, signal.SIGKILL)
    return {"changed": bool(pid), "iperf3": {"command": [], "pid": None}}


def _running(params: Mapping[str, Any]) -> int | None:
    """The server's process id: the one in the file, where that process is a server on this port."""
    with suppress(OSError, ValueError):
        pid = int(Path(params["pidfile"]).read_text(encoding="ascii").strip("\0 \n"))
        words = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace").split("\0")
        if "--server" in words and f"--port={params['port']}" in words:
            return pid
    return None


def _listens(port: int) -> bool:
    """Whether something listens on the port; asking it by connecting would be taken for the one client."""
    for path in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(path).read_text(encoding="ascii").splitlines()[1:]:
                _number, local, _remote, state = line.split()[:4]
                if state == _LISTEN and int(local.rsplit(":", 1)[1], 16) == port:
                    return True
    return False


def _wait(holds: Any) -> bool:
    deadline = time.monotonic() + _PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _check(params: Mapping[str, Any]) -> None:
    for name, least in (("time", 1), ("omit", 0), ("streams", 1)):
        if params[name] < least:
            raise tool.invalid(f"{name} is {params[name]}: it must be at least {least}.")
    if not 1 <= params["port"] <= 65535:
        raise tool.invalid(f"port is {params['port']}: it must be 1 to 65535.")
    if params["timeout"] is not None and params["command"] == RUN and params["timeout"] <= params["time"]:
        raise tool.invalid(
            f"timeout is {params['timeout']}, but the test alone runs {params['time']} seconds: raise it."
        )
