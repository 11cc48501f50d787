# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Several runs of tools, one after the other: the module of each, called without Ansible in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Mapping, Sequence

from .._errors import HypervisorError
from . import cyclictest_run, fio_run, iperf3_run, measure, options, ping_run, tool

Params = Mapping[str, Any]


@dataclass(frozen=True)
class Tool:
    """A tool as its own module runs it."""

    spec: Mapping[str, Mapping[str, Any]]
    measure: Callable[[Params, bool], Mapping[str, Any]]


TOOLS = {
    "sysbench": Tool(options.argument_spec(), measure.measure),
    "fio": Tool(fio_run.SPEC, fio_run.measure),
    "iperf3": Tool(iperf3_run.SPEC, iperf3_run.work),
    "ping": Tool(ping_run.SPEC, ping_run.measure),
    "cyclictest": Tool(cyclictest_run.SPEC, cyclictest_run.measure),
}
"""By the name of the tool, under which its module returns its result."""

SPEC: dict[str, dict[str, Any]] = {
    "runs": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "name": {"type": "str"},
            "tool": {"type": "str", "choices": list(TOOLS), "required": True},
            "options": {"type": "dict", "default": {}},
        },
    },
    "attempts": {"type": "int", "default": 1},
}
"""The options of the module bench_run."""

Validate = Callable[[Mapping[str, Any], Params], Params]
"""C(validate(spec, options)) -> the options as a module with that argument spec gets them."""


def work(params: Params, check_mode: bool, validate: Validate) -> dict[str, Any]:
    """The module's work and result: options that a module would refuse are an error before anything runs."""
    if params["attempts"] < 1:
        raise tool.invalid(f"attempts is {params['attempts']}: it must be at least 1.")
    wanted = [{**run, "name": run["name"] or run["tool"]} for run in params["runs"]]
    taken = [_options(place, run, validate) for place, run in enumerate(wanted, 1)]
    runs = [_carried_out(run, given, check_mode, params["attempts"]) for run, given in zip(wanted, taken)]
    told = _failure(runs) or (_prediction(runs) if check_mode else {})
    return {"changed": any(run["changed"] for run in runs), **told, "runs": runs}


def _options(place: int, run: Params, validate: Validate) -> Params:
    try:
        return validate(TOOLS[run["tool"]].spec, run["options"])
    except HypervisorError as error:
        raise HypervisorError(f"Run {place}, {run['name']} ({run['tool']}): {error}", error.code) from error


def _carried_out(run: Params, given: Params, check_mode: bool, attempts: int) -> dict[str, Any]:
    """What its module returns; a failure is its own, and the others run all the same."""
    named = {"name": run["name"], "tool": run["tool"], "failed": False}
    failures: list[HypervisorError] = []
    while len(failures) < attempts:
        try:
            result = TOOLS[run["tool"]].measure(given, check_mode)
        except HypervisorError as error:
            failures.append(error)
        else:
            return {**named, **(_again(result, run["tool"], failures) if failures else result)}
    last = failures[-1]
    return {**named, "changed": False, "failed": True, "msg": str(last), "code": last.code, "details": last.details}


def _again(result: Mapping[str, Any], name: str, failures: Sequence[HypervisorError]) -> dict[str, Any]:
    """The result of a run that failed before, which its warnings tell."""
    told = [f"It was run again, as it failed: {failure}" for failure in failures]
    return {**result, name: {**result[name], "warnings": [*told, *result[name].get("warnings", [])]}}


def _failure(runs: Sequence[Params]) -> dict[str, Any]:
    """What makes the module fail after all have run; nothing where each has a result."""
    failed = [run for run in runs if run["failed"]]
    if not failed:
        return {}
    reasons = " ".join(f"{run['name']} ({run['tool']}): {run['msg']}" for run in failed)
    return {
        "failed": True,
        "msg": f"{len(failed)} of {len(runs)} runs failed. {reasons}",
        "code": "RUNS_FAILED",
        "details": {"failed": [place for place, run in enumerate(runs) if run["failed"]]},
    }


def _prediction(runs: Sequence[Params]) -> dict[str, Any]:
    """What the module says in check mode."""
    commands = [run["msg"] for run in runs if "msg" in run]
    return {"skipped": all(run.get("skipped") for run in runs), "msg": "\n".join(commands)}
