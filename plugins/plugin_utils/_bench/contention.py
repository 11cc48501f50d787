# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What guests get that want the same processors: each, all together, how fairly, and what a neighbour takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import statistics
from .experiments import contention as design
from .experiments.values import Experiment, runs, values

NEIGHBOURS = (design.NOISY, design.APART, design.POLITE, design.EQUAL, design.FAVOURED)
HOLDS = (0.9, 1.1)
"""Between which shares of what was asked a limit is said to hold."""


def shared(experiment: Experiment) -> list[dict[str, Any]]:
    """The variants with guests alike: throughput of each guest, total, fairness, and how long their threads waited."""
    return [
        _row(experiment, variant["name"])
        for variant in experiment["variants"]
        if variant["name"] not in NEIGHBOURS and runs(experiment, variant["name"])
    ]


def rates(experiment: Experiment, name: str) -> list[tuple[float, ...]]:
    """The rates of all guests of a variant, for each round."""
    test = experiment["settings"]["tests"][0]["name"]
    numbers = sorted({run["result"]["guest"] for run in runs(experiment, name)})
    return list(zip(*(values(experiment, name, test, number) for number in numbers)))


def _row(experiment: Experiment, name: str) -> dict[str, Any]:
    rounds = rates(experiment, name)
    totals = [sum(each) for each in rounds]
    waits = [run["result"]["wait_percent"] for run in runs(experiment, name)]
    known = [wait for wait in waits if wait is not None]
    return {
        "variant": name,
        "guests": len(rounds[0]),
        "each": [statistics.median(guest) for guest in zip(*rounds)],
        "total": statistics.median(totals),
        "total_interval": statistics.median_interval(totals),
        "fairness": statistics.median([jain(each) for each in rounds]),
        "wait_percent": statistics.median(known) if known else None,
    }


def jain(rates: tuple[float, ...]) -> float:
    """Jain's index of fairness: 1 where all get the same, 1/n where one gets all."""
    return sum(rates) ** 2 / (len(rates) * sum(rate**2 for rate in rates))


def isolation(experiment: Experiment) -> list[dict[str, Any]]:
    """What the victim, the first guest, loses beside a neighbour, against being alone."""
    test = experiment["settings"]["tests"][0]["name"]
    alone = values(experiment, design.ALONE, test)
    found = []
    for name in NEIGHBOURS:
        beside = values(experiment, name, test, 1)
        if alone and beside:
            kept = statistics.median(beside) / statistics.median(alone)
            interval = statistics.ratio_interval(beside, alone)
            found.append(
                {
                    "variant": name,
                    "loss": 1 - kept,
                    "interval": {"low": 1 - interval["high"], "high": 1 - interval["low"]} if interval else None,
                }
            )
    return found


def limits(experiment: Experiment) -> list[dict[str, Any]]:
    """What quota and shares allow, in percent of a CPU, and what came of it.

    A quota is that of each guest. Of guests with shares it is the first: the others go on when it has done its work,
    and have the processor for themselves.
    """
    return [
        _limit(experiment, variant["name"], variant["settings"]["options"]["guests"])
        for variant in experiment["variants"]
        if variant["name"].startswith("quota_") or variant["name"] in design.SHARES
        if runs(experiment, variant["name"])
    ]


def _limit(experiment: Experiment, name: str, guests: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    shares = design.SHARES.get(name)
    asked = 100 * shares[0] / sum(shares) if shares else float(guests[0]["quota"])
    measured = [_ran(experiment, name, number) for number in range(1, 2 if shares else len(guests) + 1)]
    low, high = (asked * part for part in HOLDS)
    return {
        "variant": name,
        "asked": asked,
        "measured": measured,
        "holds": all(low <= value <= high for value in measured),
    }


def _ran(experiment: Experiment, name: str, guest: int) -> float:
    return statistics.median(
        [run["result"]["run_percent"] for run in runs(experiment, name) if run["result"]["guest"] == guest]
    )
