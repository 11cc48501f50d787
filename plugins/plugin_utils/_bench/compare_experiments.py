# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The numbers by which experiments of several reports are compared: samples like those of metrics, one for each round.

A factor is that of two variants of the same round, which ran one after the other: what the machine did meanwhile meets
both. The report divides medians instead, which may differ a little.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import contention, statistics, text
from .experiments import attribution, quick, tuning
from .experiments import contention as sharing
from .experiments.values import Experiment, by_round, headline
from .experiments.variants import NATIVE
from .languages import say
from .metrics import HIGHER, LOWER
from .sections import attribution as ladder
from .sections import contention as guests
from .sections import quick as look
from .sections import tuning as settings
from .tables import Table, table

Sample = dict[str, Any]
Rounds = Mapping[int, float]
Hypervisor = Mapping[str, Any]


def samples(experiment: Experiment) -> list[Sample]:
    """Those that were measured."""
    return [sample for sample in KINDS[experiment["kind"]](experiment) if sample["values"]]


def titles() -> dict[str, str]:
    """What each experiment compares."""
    return {
        "quick": say("Slow-down of guests"),
        "attribution": say("Factors of the slow-down"),
        "tuning": say("Guests with each setting"),
        "contention": say("Several guests at once"),
    }


def notes() -> list[str]:
    """How their numbers come about."""
    return [
        say(
            "A number of an experiment is the median of what each of its rounds gives, which may differ a little from"
            " what the report makes of the medians of all."
        )
    ]


def beside(kind: str, pairs: Sequence[tuple[Hypervisor, Hypervisor]]) -> list[Table]:
    """What else there is to be seen, and judged by nobody: of a setting its effect.

    One that has less of it is no worse where it is the guest as it comes that became faster.
    """
    if kind != tuning.KIND:
        return []
    rows = [row for ours, theirs in pairs for row in _effect_rows(ours["results"], theirs["results"])]
    columns = [say("Setting"), say("Before"), say("Now"), say("Ratio")]
    return [table(say("Effect of each setting, against the guest as it comes"), columns, rows)]


def machine(results: Mapping[str, Any]) -> dict[str, str]:
    """What the machine was, where there are experiments and no rounds that tell."""
    made = next(iter(results["experiments"].values()), None)
    if made is None or results["targets"]:
        return {}
    probe = made["settings"].get("probe", {})
    found = probe.get("environment", {})
    return {
        say("Processor"): str(found.get("cpu_model", "")),
        say("CPUs"): str(len(probe.get("usable_cpus", []))),
        say("Kernel"): found.get("kernel", ""),
        say("Accelerator"): str(probe.get("accelerator", "")).upper(),
        "QEMU": probe.get("qemu", {}).get("version", ""),
    }


def _effect_rows(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[list[str]]:
    now, before = (
        {(effect["target"], effect["test"]): effect for effect in _effects(results["experiments"].get(tuning.KIND))}
        for results in (ours, theirs)
    )
    return [_effect_row(effect, before[key]) for key, effect in now.items() if key in before]


def _effect_row(ours: Sample, theirs: Sample) -> list[str]:
    interval = statistics.ratio_interval(ours["values"], theirs["values"])
    return [
        f"{ours['test']}: {ours['label']}",
        text.times(theirs["median"]),
        text.times(ours["median"]),
        text.number(ours["median"] / theirs["median"]) + text.interval(interval),
    ]


def _quick(experiment: Experiment) -> list[Sample]:
    return [
        _slow_down(experiment, "slow_down", test, look.labels()[name], NATIVE, name)
        for test in _tests(experiment)
        for name in quick.GUESTS
    ]


def _attribution(experiment: Experiment) -> list[Sample]:
    found = []
    for test in attribution.REFERENCE:
        rungs = [name for name in attribution.LADDER if by_round(experiment, name, test)]
        for before, after in zip(rungs, rungs[1:]):
            label = ladder.name_of({"from": before, "to": after})
            found.append(_slow_down(experiment, f"from_{before}", test, label, before, after))
        whole = attribution.LADDER[0], attribution.LADDER[-1]
        found += [
            _slow_down(experiment, "product", test, say("all factors together"), *whole),
            _slow_down(experiment, "total", test, say("measured again"), *attribution.TOTAL),
            _slow_down(experiment, "total", test, say("guest under KVM"), whole[0], attribution.ACCELERATED),
        ]
    return found


def _slow_down(experiment: Experiment, key: str, test: str, label: str, fast: str, slow: str) -> Sample:
    values = _ratios(by_round(experiment, fast, test), by_round(experiment, slow, test))
    return _sample(f"{experiment['kind']}.{test}.{key}", test, slow, label, "×", LOWER, values)


def _tuning(experiment: Experiment) -> list[Sample]:
    found = []
    for test in _tests(experiment):
        metric = headline(experiment, test)
        for name, label in settings.labels().items():
            values = list(by_round(experiment, name, test).values())
            found.append(_sample(f"tuning.{test}.{metric.key}", test, name, label, metric.unit, metric.better, values))
    return found


def _effects(experiment: Experiment | None) -> list[Sample]:
    """What each setting makes of the guest as it comes."""
    found = []
    for test in _tests(experiment) if experiment else ():
        base = tuning.baseline_of(test)
        for name, label in settings.labels().items():
            values = _ratios(by_round(experiment, name, test), by_round(experiment, base, test))
            if name != base and values:
                found.append(_sample(f"tuning.{test}.effect", test, name, label, "×", HIGHER, values))
    return found


def _contention(experiment: Experiment) -> list[Sample]:
    labels = guests.labels(experiment)
    found = []
    for name in (variant["name"] for variant in experiment["variants"]):
        shared = name not in contention.NEIGHBOURS
        found += (_together if shared else _kept)(experiment, name, labels[name])
    return found


def _together(experiment: Experiment, name: str, label: str) -> list[Sample]:
    """What guests alike do together, and how fairly."""
    test = experiment["settings"]["tests"][0]["name"]
    rates = contention.rates(experiment, name)
    found = [
        _sample(
            *("contention.total", test, name, say("{name}: all together", name=label)),
            *(headline(experiment, test).unit, HIGHER, [sum(rate) for rate in rates]),
        )
    ]
    if rates and len(rates[0]) > 1:
        fairness = [contention.jain(rate) for rate in rates]
        told = say("{name}: fairness", name=label)
        found.append(_sample("contention.fairness", test, name, told, "", HIGHER, fairness))
    return found


def _kept(experiment: Experiment, name: str, label: str) -> list[Sample]:
    """What a neighbour leaves to its victim. What it takes may be nothing, of which there is no ratio."""
    test = experiment["settings"]["tests"][0]["name"]
    left = _ratios(by_round(experiment, name, test, 1), by_round(experiment, sharing.ALONE, test))
    told = say("{name}: left to a guest", name=label)
    return [_sample("contention.kept", test, name, told, "%", HIGHER, [100 * share for share in left])]


KINDS: Mapping[str, Callable[[Experiment], list[Sample]]] = {
    quick.KIND: _quick,
    attribution.KIND: _attribution,
    tuning.KIND: _tuning,
    sharing.KIND: _contention,
}
"""The experiments that can be compared."""


def _tests(experiment: Experiment) -> list[str]:
    return [test["name"] for test in experiment["settings"]["tests"]]


def _ratios(above: Rounds, below: Rounds) -> list[float]:
    """Of the rounds that both have."""
    return [above[turn] / below[turn] for turn in above if turn in below]


def _sample(name: str, test: str, target: str, label: str, unit: str, better: str, values: Sequence[float]) -> Sample:
    return {
        "id": name,
        "test": test,
        "target": target,
        "label": label,
        "unit": unit,
        "better": better,
        "n": len(values),
        "values": values,
        "median": statistics.median(values) if values else 0.0,
        "interval": statistics.median_interval(values),
    }
