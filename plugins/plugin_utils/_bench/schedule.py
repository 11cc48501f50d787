# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The order of a benchmark's runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

TOOLS = ("sysbench", "fio", "iperf3", "ping")


def schedule(
    tests: Sequence[Mapping[str, Any]],
    rounds: int,
    targets: Sequence[str],
    least: int | None = None,
    machines: Sequence[str] | None = None,
) -> list[dict[str, Any]]:
    """All runs, interleaved: every round has every test on every target, and the order of targets alternates.

    So a drift of the machine meets all targets alike, and none of them always runs first. The tests of a tool are
    together. Where C(least) rounds may be enough, the labels say so. C(machines) are those C(targets) that have a disk
    and a network of their own.
    """
    is_open = least is not None and least < rounds
    of = f"{least} to {rounds}" if is_open else rounds
    plan: list[dict[str, Any]] = []
    for turn in range(1, rounds + 1):
        for test in sorted(tests, key=lambda test: TOOLS.index(tool_of(test))):
            meant = _meant(test, targets, targets if machines is None else machines)
            for target in meant if turn % 2 else reversed(meant):
                plan.append(_run(turn, len(plan) + 1, test, target))
    for run in plan:
        count = f"run {run['position']}" if is_open else f"run {run['position']} of {len(plan)}"
        run["label"] = f"round {run['round']} of {of}: {run['test']['name']} on {run['target']} ({count})"
    return plan


def tool_of(test: Mapping[str, Any]) -> str:
    """The tool that a test is run with; its module returns its result by that name."""
    return str(test.get("tool") or TOOLS[0])


def _run(turn: int, position: int, test: Mapping[str, Any], target: str) -> dict[str, Any]:
    return {"round": turn, "position": position, "test": dict(test), "tool": tool_of(test), "target": target}


def _meant(test: Mapping[str, Any], targets: Sequence[str], machines: Sequence[str]) -> list[str]:
    """Where a test runs: by itself everywhere, but what is about a disk or a network on machines only.

    The guest that serves a network test is none of its clients.
    """
    is_shared = tool_of(test) == "sysbench" and test.get("test") != "fileio"
    able = targets if is_shared else [target for target in targets if target in machines]
    server = test.get("server", "native")
    return [
        target for target in able if target in test.get("targets", able) and (server == "native" or target != server)
    ]
