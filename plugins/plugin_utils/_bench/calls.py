# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Between the tests of a benchmark and the module bench_run: what a call is asked to do, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...module_utils._ansible import validated
from ...module_utils._bench.bench_run import TOOLS
from ...module_utils._errors import HypervisorError
from .schedule import WARM_UP, tool_of

Test = Mapping[str, Any]
Setup = Mapping[str, Any]
"""What the role bench gives all runs: C(prefixes) of executables by target, C(command) of fileio, C(time), C(directory)
of files, and for networks C(addresses) of servers, C(networks) and C(port)."""

Tasks = Sequence[Mapping[str, Any]]

PINGS_PER_SECOND = 5

_OF_THE_ROLE: dict[str, dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "tool": {"type": "str"},
    "targets": {"type": "list", "elements": "str"},
    "server": {"type": "str"},
}
"""What a test says beside options of its module."""
_TIME = {"time": {"type": "int"}}
"""The seconds of a run, whatever its module calls them."""
_SET_BY_THE_ROLE = ("command", "executable", "networks", "one_off", "pidfile", "port", "runtime")


def refusals(tests: Sequence[Test]) -> list[str]:
    """What is wrong with tests, as the module of their tool would say it."""
    found = []
    for place, test in enumerate(tests, 1):
        try:
            _check(test)
        except HypervisorError as error:
            found.append(f"Test {test.get('name', place)}: {str(error).rstrip('.')}.")
    return found


def _check(test: Test) -> None:
    if test.get("name") == WARM_UP["name"]:
        raise HypervisorError("the warm-up has this name, give it another")
    tool = TOOLS.get(tool_of(test))
    if tool is None:
        raise HypervisorError(f"there is no tool {tool_of(test)}, name one of {', '.join(TOOLS)}")
    own = {key: {**option, "required": False} for key, option in tool.spec.items() if key not in _SET_BY_THE_ROLE}
    validated({**own, **_OF_THE_ROLE, **_TIME}, test)


def asked(runs: Sequence[Mapping[str, Any]], setup: Setup) -> list[dict[str, Any]]:
    """The runs of a scheduled call as the option C(runs) of the module bench_run."""
    return [
        {
            "name": run["test"]["name"],
            "tool": run["tool"],
            "options": _options(run["test"], run["tool"], run["target"], setup),
        }
        for run in runs
    ]


def _options(test: Test, tool: str, target: str, setup: Setup) -> dict[str, Any]:
    own = {key: value for key, value in test.items() if key not in (*_OF_THE_ROLE, *_TIME)}
    seconds = int(setup["time"] if test.get("time") is None else test["time"])
    executable = f"{setup['prefixes'].get(target, '')}{tool}"
    return {"executable": executable, **_GIVEN[tool](test, seconds, setup), **own}


def _sysbench(test: Test, seconds: int, setup: Setup) -> dict[str, Any]:
    files = {"chdir": setup["directory"]} if test.get("test") == "fileio" else {}
    return {"command": setup["command"], "time": seconds, **files}


def _fio(_test: Test, seconds: int, setup: Setup) -> dict[str, Any]:
    return {"filename": f"{setup['directory']}/fio", "runtime": seconds}


def _iperf3(test: Test, seconds: int, setup: Setup) -> dict[str, Any]:
    return {**_server(test, setup), "networks": setup["networks"], "port": setup["port"], "time": seconds}


def _ping(test: Test, seconds: int, setup: Setup) -> dict[str, Any]:
    return {**_server(test, setup), "count": seconds * PINGS_PER_SECOND}


def _server(test: Test, setup: Setup) -> dict[str, Any]:
    return {"address": setup["addresses"].get(test.get("server", "native"))}


_GIVEN: dict[str, Callable[[Test, int, Setup], dict[str, Any]]] = {
    "sysbench": _sysbench,
    "fio": _fio,
    "iperf3": _iperf3,
    "ping": _ping,
    "cyclictest": lambda _test, seconds, _setup: {"time": seconds},
}


def ran(calls: Tasks) -> list[dict[str, Any]]:
    """Each run with what it returned, from the results of the calls, whose C(item) is what was scheduled."""
    return [
        {**result, "item": {**run, "boot": call["item"].get("boot", 1)}}
        for call in calls
        for run, result in zip(call["item"]["runs"], call["runs"], strict=True)
    ]


def left_out(tried: Tasks, served: Tasks) -> list[dict[str, str]]:
    """Which tests cannot run where, and why, from their trials and the starts of the servers, as tasks returned them.

    A client of a server that did not start fails for the reason of that.
    """
    missing = {task["item"]["target"]: task["msg"] for task in served if "iperf3" not in task}
    found = []
    for task in tried:
        if task["failed"]:
            run = task["item"]
            server = run["test"].get("server", "native") if task["tool"] == "iperf3" else None
            reason = missing.get(server, task["msg"])
            found.append({"test": task["name"], "target": run["target"], "reason": reason})
    return found
