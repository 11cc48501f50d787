# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What a guest inside a guest costs: the factor of the guest around it, and that of nesting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import statistics, subjects
from .attribution import factor, share_of
from .metrics import HIGHER
from .nested import NESTED

RUNGS = ("native", "guest", NESTED)
NESTED_CAUSE = "nesting"
"""What a study calls it among its guesses."""


def ladders(results: Mapping[str, Any], summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """For each test that all three ran, its slow-down in two factors, which multiply to the total exactly.

    Each is a ratio of the same medians: that of native, of the guest, and of the guest inside it.
    """
    guest = subjects.nested_of(results).get("guest")
    names = dict(zip(RUNGS, ("native", guest, NESTED)))
    found = {(metric["test"], metric["target"]): metric for metric in summary["metrics"] if metric["headline"]}
    tests = [test["name"] for test in results["settings"].get("tests", [])]
    known = [[found.get((test, names[rung])) for rung in RUNGS] for test in tests]
    return [
        _ladder(test, [metric for metric in metrics if metric])
        for test, metrics in zip(tests, known)
        if all(metrics) and len({metric["id"] for metric in metrics if metric}) == 1
    ]


def _ladder(test: str, metrics: list[Mapping[str, Any]]) -> dict[str, Any]:
    pairs = list(zip(metrics, metrics[1:]))
    return {
        "test": test,
        "unit": metrics[0]["unit"],
        "rounds": metrics[-1]["n"],
        "medians": {rung: metric["median"] for rung, metric in zip(RUNGS, metrics)},
        "steps": [{"from": RUNGS[place], "to": RUNGS[place + 1], **_slower(*pair)} for place, pair in enumerate(pairs)],
        "total": _slower(metrics[0], metrics[-1]),
        "exact": metrics[-1]["n"] >= statistics.EXACT_FROM,
    }


def _slower(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """How many times slower the second is."""
    rate = before["better"] == HIGHER
    fast, slow = (before, after) if rate else (after, before)
    return factor(fast["values"], slow["values"])


def answered(study: Mapping[str, Any], results: Mapping[str, Any], summary: Mapping[str, Any]) -> dict[str, Any]:
    """The study, where the share that it guesses of nesting has beside it the one that was measured here, if it was."""
    shares = {
        ladder["test"]: share_of(ladder["steps"][-1], ladder["total"]["value"]) for ladder in ladders(results, summary)
    }
    return {
        **study,
        "causes": [
            {**cause, "share": shares.get(cause["test"])} if cause["id"] == NESTED_CAUSE else cause
            for cause in study["causes"]
        ],
    }
