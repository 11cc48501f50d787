# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""When the rounds are enough: each headline's median is known precisely, or the budget is spent.

Where the guests are booted several times, each boot has its share of the limits and is asked by itself, so that none
gets the most of the rounds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from . import statistics, text
from .samples import headline, runs_of

CONVERGED, BUDGET = "converged", "budget"
BOOTS = "boots"
"""What is spent where each boot was precise by itself and all together are not: the boots differ."""


@dataclass(frozen=True)
class Rule:
    """At least C(least) rounds, at most C(most) in about C(budget_s) (0: no limit), until C(precision), a share."""

    least: int
    most: int
    precision: float
    budget_s: float


def progress(runs: Sequence[Mapping[str, Any]], rule: Rule, elapsed_s: float, boots: int = 1) -> dict[str, Any]:
    """How far the rounds of the latest boot are, after C(elapsed_s) of it; C(ended) is None where they go on.

    Else it says why they end. The C(rule) is that of all boots together.
    """
    boot = max(run["boot"] for run in runs)
    share = _share(rule, boots)
    mine = [run for run in runs if run["boot"] == boot]
    found = _so_far(mine, share, elapsed_s)
    rounds = found["rounds"]
    each = elapsed_s / rounds
    found.update(_end(rounds, each, elapsed_s, share, _is_open(found)))
    before = f"Boot {boot} of {boots}: round" if boots > 1 else "Round"
    return {**found, "line": f"{before} {_line(found, share, each)}"}


def together(runs: Sequence[Mapping[str, Any]], boots: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The rounds of all boots together, from what C(progress) said at the end of each; None where there are none."""
    if len(boots) < 2:
        return dict(boots[0]) if boots else None
    least, most = (sum(boot[key] for boot in boots) for key in ("rounds_min", "rounds_max"))
    rule = Rule(least, most, boots[0]["precision"], sum(boot["budget_s"] for boot in boots))
    found = _so_far(runs, rule, sum(boot["elapsed_s"] for boot in boots))
    spent = [boot["spent"] for boot in boots if boot["spent"]]
    is_open = _is_open(found)
    found.update(ended=BUDGET if is_open else CONVERGED, spent=(spent or [BOOTS])[-1] if is_open else None)
    return {**found, "line": f"{len(boots)} boots: round {_line(found, rule, 0.0)}"}


def _share(rule: Rule, boots: int) -> Rule:
    return replace(
        rule, least=math.ceil(rule.least / boots), most=math.ceil(rule.most / boots), budget_s=rule.budget_s / boots
    )


def _so_far(runs: Sequence[Mapping[str, Any]], rule: Rule, elapsed_s: float) -> dict[str, Any]:
    return {
        "rounds": len({run["round"] for run in runs}),
        "precision": rule.precision,
        "rounds_min": rule.least,
        "rounds_max": rule.most,
        "budget_s": rule.budget_s,
        "elapsed_s": round(elapsed_s, 1),
        "metrics": [_metric(found, rule) for found in _by_test_and_target(runs)],
    }


def _is_open(found: Mapping[str, Any]) -> bool:
    return any(not metric["converged"] for metric in found["metrics"])


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
    """What is printed after a round: of how many it is which, how precise all are, and what comes next."""
    known = [metric for metric in found["metrics"] if metric["half_width"] is not None]
    worst = max(known, key=lambda metric: metric["half_width"], default=None)
    said = f"{found['rounds']} of {rule.least}"
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
