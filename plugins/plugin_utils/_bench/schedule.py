# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The order of a benchmark's runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SYSBENCH = "sysbench"
"""The tool of a test that names none."""

WARM_UP = {"name": "warm-up", "test": "cpu", "time": 1}

Test = Mapping[str, Any]


def schedule(
    tests: Sequence[Test],
    rounds: int,
    targets: Sequence[str],
    least: int | None = None,
    machines: Sequence[str] | None = None,
    left_out: Sequence[Mapping[str, str]] = (),
) -> list[dict[str, Any]]:
    """The calls of C(bench_run): in every round one for each target, with its tests; the order of targets alternates.

    So a drift of the machine meets all targets alike, and none of them is always the first. Where C(least) rounds may
    be enough, the labels say so. C(machines) are those C(targets) that are whole machines, with disk and network;
    C(left_out) names each C(test) that does not run on a C(target).
    """
    able = targets if machines is None else machines
    absent = {(entry["test"], entry["target"]) for entry in left_out}
    of = f"{least} to {rounds}" if least is not None and least < rounds else rounds
    calls: list[dict[str, Any]] = []
    position = 1
    for turn in range(1, rounds + 1):
        for target in targets if turn % 2 else reversed(targets):
            meant = [test for test in tests if _is_meant(test, target, able) and (test["name"], target) not in absent]
            runs = [_run(turn, place, test, target) for place, test in enumerate(meant, position)]
            position += len(runs)
            if runs:
                label = f"round {turn} of {of}: {', '.join(test['name'] for test in meant)} on {target}"
                calls.append({"round": turn, "target": target, "label": label, "runs": runs})
    return calls


def trials(tests: Sequence[Test]) -> list[Test]:
    """The warm-up, and a short run of each test that may not be able to run where processor and memory are measured."""
    return [WARM_UP, *(_short(test) for test in tests if not _is_everywhere(test))]


def tool_of(test: Test) -> str:
    """The tool that a test is run with; its module returns its result by that name."""
    return str(test.get("tool") or SYSBENCH)


def _run(turn: int, position: int, test: Test, target: str) -> dict[str, Any]:
    return {"round": turn, "position": position, "test": dict(test), "tool": tool_of(test), "target": target}


def _short(test: Test) -> Test:
    """The same for a second, of which a count would make more."""
    return {key: value for key, value in {**test, "time": WARM_UP["time"]}.items() if key != "count"}


def _is_everywhere(test: Test) -> bool:
    """Whether a test is about processor and memory, and not about a whole machine."""
    return tool_of(test) == SYSBENCH and test.get("test") != "fileio"


def _is_meant(test: Test, target: str, machines: Sequence[str]) -> bool:
    """Whether a test runs on a target, if it can: by itself on each, but what is about a whole machine on such.

    The guest that serves a network test is none of its clients.
    """
    server = test.get("server", "native")
    return (
        (_is_everywhere(test) or target in machines)
        and target in test.get("targets", [target])
        and (server == "native" or target != server)
    )
