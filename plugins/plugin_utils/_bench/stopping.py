# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""When the rounds are enough: each headline's median is known precisely, or the budget is spent."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import statistics, text
from .samples import headline, runs_of

CONVERGED, BUDGET = "converged", "budget"


@dataclass(frozen=True)
class Rule:
    """At least C(least) rounds, at most C(most) in about C(budget_s) (0: no limit), until C(precision), a share."""

    least: int
    most: int
    precision: float
    budget_s: float


def progress(runs: Sequence[Mapping[str, Any]], rule: Rule, elapsed_s: float) -> dict[str, Any]:
    """How far the rounds are, after C(elapsed_s); C(ended) says why they end, and is None where they go on."""
    rounds = max(run["round"] for run in runs)
    metrics = [_metric(found, rule) for found in _by_test_and_target(runs)]
    open_ones = [metric for metric in metrics if not metric["converged"]]
    each = elapsed_s / rounds
    found = {
        "rounds": rounds,
        "precision": rule.precision,
        "rounds_min": rule.least,
        "rounds_max": rule.most,
        "budget_s": rule.budget_s,
        "elapsed_s": round(elapsed_s, 1),
        "metrics": metrics,
        **_end(rounds, each, elapsed_s, rule, bool(open_ones)),
    }
    return {**found, "line": _line(found, rule, each)}


def _by_test_and_target(runs: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    return [runs_of(runs, *pair) for pair in dict.fromkeys((run["test"], run["target"]) for run in runs)]


def _metric(runs: list[Mapping[str, Any]], rule: Rule) -> dict[str, Any]:
    """A headline and its half-width as a share of the median. Where a test has no number, nothing can converge."""
    found = headline(runs)
    values = found[1] if found else []
    width = statistics.half_width(values)
    return {
        "id": f"{runs[0]['test']}.{found[0].key}" if found else runs[0]["test"],
        "test": runs[0]["test"],
        "target": runs[0]["target"],
        "n": len(values),
        "half_width": width,
        # The bootstrapped interval of a few rounds is too narrow to rely on.
        "converged": len(values) >= statistics.EXACT_FROM and width is not None and width <= rule.precision,
    }


def _end(rounds: int, each: float, elapsed: float, rule: Rule, is_open: bool) -> dict[str, Any]:
    """The minimum is always done: fewer rounds have no exact interval. Another round must fit into the budget."""
    if rounds < rule.least:
        return {"ended": None, "spent": None}
    if not is_open:
        return {"ended": CONVERGED, "spent": None}
    if rounds >= rule.most:
        return {"ended": BUDGET, "spent": "rounds"}
    if rule.budget_s and elapsed + each > rule.budget_s:
        return {"ended": BUDGET, "spent": "seconds"}
    return {"ended": None, "spent": None}


def _line(found: Mapping[str, Any], rule: Rule, each: float) -> str:
    """What is printed after a round."""
    known = [metric for metric in found["metrics"] if metric["half_width"] is not None]
    worst = max(known, key=lambda metric: metric["half_width"], default=None)
    said = f"Round {found['rounds']} of {rule.least}"
    said += f" to {rule.most}" if rule.most > rule.least else ""
    if worst:
        said += f": worst interval ±{text.share(worst['half_width'])} % ({worst['test']} on {worst['target']})"
        said += f", asked for ±{text.share(rule.precision)} %"
    if found["ended"] == CONVERGED:
        return f"{said}. Every interval is as narrow as asked for."
    if found["ended"] == BUDGET:
        return f"{said}. The budget of {found['spent']} is spent."
    left = _rounds_left(found, rule, worst["half_width"] if worst else None) * each
    if rule.budget_s:
        left = min(left, max(rule.budget_s - found["elapsed_s"], (rule.least - found["rounds"]) * each))
    return f"{said}; about {_duration(left)} left."


def _rounds_left(found: Mapping[str, Any], rule: Rule, width: float | None) -> int:
    """An interval narrows with the square root of the rounds."""
    done = found["rounds"]
    needed = math.ceil(done * (width / rule.precision) ** 2) if width and rule.precision else done + 1
    return min(max(needed, rule.least, done + 1), max(rule.most, rule.least)) - done


def _duration(seconds: float) -> str:
    return f"{int(seconds) // 60} min {int(seconds) % 60} s" if seconds >= 60 else f"{math.ceil(seconds)} s"
