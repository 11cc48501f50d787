# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Boots of the guests: whether they differ by more than the rounds within one of them do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import statistics, subjects
from .collect import NATIVE
from .samples import headline, runs_of

DIFFER, DRIFT, SAME = "boots differ", "the machine changed", "no difference shown"
SIGNIFICANT = 1 - statistics.CONFIDENCE

Entry = dict[str, Any]
Run = Mapping[str, Any]


def count(results: Mapping[str, Any]) -> int:
    """The boots that the rounds were spread over; 0 where there were no rounds of a guest."""
    names = {guest["name"] for guest in subjects.guests(results)}
    return len({run["boot"] for run in results["runs"] if run["target"] in names})


def boots(results: Mapping[str, Any]) -> list[Entry]:
    """The headline of each test on each guest, boot by boot, and of native meanwhile; nothing of a single boot.

    Native is not restarted: a guest that changes from boot to boot only as native does shows that the machine changed.
    """
    if count(results) < 2:
        return []
    return [*_tested(results, "guest"), *_tested(results, "native")]


def _tested(results: Mapping[str, Any], kind: str) -> list[Entry]:
    """The entries of all targets of a kind, with their verdicts."""
    found = [
        entry
        for test in results["settings"].get("tests", [])
        for target in results["targets"]
        if target["kind"] == kind and (entry := _entry(results, test["name"], target["name"]))
    ]
    for entry, probability in zip(found, statistics.holm([entry["probability"] for entry in found])):
        entry["corrected"] = probability
        entry["verdict"] = _judged(entry) if probability < SIGNIFICANT else SAME
    return found


def _judged(entry: Entry) -> str:
    """What it is that changed from boot to boot."""
    if entry["target"] == NATIVE:
        return DRIFT
    beside = entry["beside_native"]
    return DIFFER if beside is None or beside < SIGNIFICANT else DRIFT


def _entry(results: Mapping[str, Any], test: str, target: str) -> Entry | None:
    """One test on one target; None where it has no number, or was not run in several boots."""
    runs = runs_of(results["runs"], test, target)
    known = headline(runs)
    by_boot = _by_boot(runs, known[1]) if known else {}
    if known is None or len(by_boot) < 2:
        return None
    metric, samples = known[0], list(by_boot.values())
    medians = [statistics.median(sample) for sample in samples]
    spreads = [spread for spread in map(statistics.variation, samples) if spread is not None]
    return {
        "id": f"{test}.{metric.key}",
        "test": test,
        "target": target,
        "unit": metric.unit,
        "boots": [
            {"boot": boot, "n": len(sample), "median": middle, "interval": statistics.median_interval(sample)}
            for (boot, sample), middle in zip(by_boot.items(), medians)
        ],
        "between": statistics.variation(medians),
        "within": statistics.median(spreads) if spreads else None,
        "probability": statistics.between(samples),
        "beside_native": _beside_native(results, runs, known[1]),
    }


def _by_boot(runs: Sequence[Run], values: Sequence[float]) -> dict[int, list[float]]:
    found: dict[int, list[float]] = {}
    for run, value in zip(runs, values):
        found.setdefault(run["boot"], []).append(value)
    return found


def _beside_native(results: Mapping[str, Any], runs: Sequence[Run], values: Sequence[float]) -> float | None:
    """The probability for the ratios to native in the same round; None where there is nothing to divide by.

    What changes the whole machine from one boot to the next cancels out in them.
    """
    meanwhile = runs_of(results["runs"], runs[0]["test"], NATIVE)
    known = headline(meanwhile)
    if known is None or runs[0]["target"] == NATIVE:
        return None
    natives = {run["round"]: value for run, value in zip(meanwhile, known[1])}
    pairs = [(run, value / natives[run["round"]]) for run, value in zip(runs, values) if run["round"] in natives]
    by_boot = _by_boot([run for run, _ratio in pairs], [ratio for _run, ratio in pairs])
    return statistics.between(list(by_boot.values())) if len(by_boot) > 1 else None
