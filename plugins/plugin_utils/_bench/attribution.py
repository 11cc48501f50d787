# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Where a slow-down comes from: factors of neighbours on the ladder, and what they leave unexplained."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import statistics
from .experiments import attribution as design
from .experiments.values import Experiment, runs, values

Factor = dict[str, Any]


def attribute(experiment: Experiment, test: str) -> dict[str, Any] | None:
    """The slow-down of a test in factors; None where the ends of the ladder were not measured.

    A factor is the ratio of the medians of neighbours. All of them multiply to the C(product); the C(total) comes from
    boots and rounds of its own, and the C(residual) is what lies between. It closes where the interval of the residual
    has 1 in it. C(rounds) are those of the sample that has the fewest.
    """
    rungs = [name for name in design.LADDER if values(experiment, name, test)]
    ends = [values(experiment, name, test) for name in design.TOTAL]
    if rungs[:1] != [design.LADDER[0]] or rungs[-1:] != [design.LADDER[-1]] or not all(ends):
        return None
    samples = {name: values(experiment, name, test) for name in rungs}
    product = factor(samples[rungs[0]], samples[rungs[-1]])
    total = factor(*ends)
    residual = {"value": total["value"] / product["value"], "low": None, "high": None}
    found = statistics.quotient_interval([ends[0], samples[rungs[-1]]], [ends[1], samples[rungs[0]]])
    if found:
        residual.update(low=found["low"], high=found["high"])
    logarithm = math.log(product["value"])
    steps = []
    for before, after in zip(rungs, rungs[1:]):
        step = factor(samples[before], samples[after])
        share = math.log(step["value"]) / logarithm if logarithm else None
        steps.append({"from": before, "to": after, **step, "share": share})
    return {
        "test": test,
        "rounds": min(map(len, [*samples.values(), *ends])),
        "medians": {name: statistics.median(sample) for name, sample in samples.items()},
        "steps": steps,
        "product": product,
        "total": total,
        "residual": residual,
        "closes": found is None or found["low"] <= 1 <= found["high"],
        "accelerated": _accelerated(experiment, test, samples[rungs[0]]),
    }


def _accelerated(experiment: Experiment, test: str, native: list[float]) -> Factor | None:
    """The slow-down of the guest under KVM, None where there was none."""
    found = values(experiment, design.ACCELERATED, test)
    return factor(native, found) if found else None


def factor(fast: list[float], slow: list[float]) -> Factor:
    """How many times slower the second is, by rates."""
    found = statistics.ratio_interval(fast, slow) or {"low": None, "high": None}
    value = statistics.median(fast) / statistics.median(slow)
    return {"value": value, "low": found["low"], "high": found["high"]}


_NEEDED = {
    "slow": ("clock", design.BARE),
    "bare": ("smp", design.BARE),
    "full": ("smp", "memory"),
    "empty": ("smp", design.EMPTY),
    "observed": ("clock", "memory"),
}
"""The runs that a budget takes: variant and test."""
_PARTS: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "clock": lambda rates: _time(rates, "slow") - _time(rates, "bare"),
    "histogram": lambda rates: _time(rates, "full") - _time(rates, "bare"),
    "loop": lambda rates: _time(rates, "empty"),
    "write": lambda rates: _time(rates, "bare") - _time(rates, "empty"),
}


def budget(experiment: Experiment) -> dict[str, Any] | None:
    """What one memory operation of 1 KiB spends its time on, in microseconds; None where a part was not measured.

    Each part is the difference of two runs that differ in nothing else.
    """
    samples = {key: values(experiment, *place) for key, place in _NEEDED.items()}
    if not all(samples.values()):
        return None
    medians = [statistics.median(sample) for sample in samples.values()]
    parts = {
        name: {"us": compute(medians), "interval": statistics.interval_of(list(samples.values()), compute)}
        for name, compute in _PARTS.items()
    }
    total = sum(part["us"] for part in parts.values())
    observed = _time(medians, "observed")
    return {
        "parts": {name: {**part, "share": part["us"] / total} for name, part in parts.items()},
        "sum_us": total,
        "observed_us": observed,
        "closes": total / observed,
    }


def _time(rates: Sequence[Any], name: str) -> Any:
    """Microseconds of an operation at the rate of one of the runs."""
    return 1e6 / rates[list(_NEEDED).index(name)]


def counted(experiment: Experiment) -> list[dict[str, Any]]:
    """For each test and guest how often an event of QEMU's threads happened in a second: medians, by the event's name.

    None of what the processor never had a counter free for.
    """
    found = []
    for test in (test["name"] for test in experiment["settings"]["tests"]):
        for variant in experiment["variants"]:
            each = [run["result"] for run in runs(experiment, variant["name"], test) if run["result"].get("perf")]
            if each:
                events = {event: _rate(each, event) for event in each[0]["perf"]}
                found.append({"test": test, "variant": variant["name"], "events": events})
    return found


def _rate(results: Sequence[Mapping[str, Any]], event: str) -> float | None:
    known = [found["perf"][event] / found["elapsed_s"] for found in results if found["perf"].get(event) is not None]
    return statistics.median(known) if known else None


CAUSES: Mapping[tuple[str, str], str] = {
    ("cpu", "translation"): "user",
    ("memory", "memory_management"): "write",
}
"""The guesses of a study that an experiment has a counterpart for: a rung of the ladder, or a part of the budget."""


def share_of(step: Mapping[str, Any], total: float) -> Factor | None:
    """The share that a factor has in a slow-down, by logarithms, with its interval; None where nothing is slower."""
    logarithm = math.log(total)
    if logarithm <= 0:
        return None
    return {key: None if step[key] is None else math.log(step[key]) / logarithm for key in ("value", "low", "high")}


def measured_share(experiment: Experiment, test: str, cause: str) -> Factor | None:
    """The share of a slow-down that was measured for a guessed cause; None where nothing here measures it."""
    counterpart = CAUSES.get((test, cause))
    if counterpart == "write":
        found = budget(experiment)
        return _budgeted(found["parts"]["write"], found["sum_us"]) if found else None
    ladder = attribute(experiment, test) if counterpart else None
    steps = [step for step in ladder["steps"] if step["to"] == counterpart] if ladder else []
    return share_of(steps[0], ladder["product"]["value"]) if ladder and steps else None


def _budgeted(part: Mapping[str, Any], total: float) -> Factor:
    interval = part["interval"]
    bounds = {key: interval[key] / total if interval else None for key in ("low", "high")}
    return {"value": part["share"], **bounds}
