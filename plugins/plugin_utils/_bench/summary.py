# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The rounds of a benchmark summed up: medians, intervals, guest against native."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import boots, statistics, text, waits
from .languages import say
from .metrics import HIGHER, named
from .samples import has_ratio, runs_of, samples

SLOWER, FASTER, NOISE, UNKNOWN = "slower", "faster than native", "within noise", "not compared"

Runs = Sequence[Mapping[str, Any]]


def summarise(results: Mapping[str, Any], name_guests: bool = False) -> dict[str, Any]:
    """What the rounds of one hypervisor (the fact C(bench_results)) say.

    C(name_guests) adds the target to the name of each comparison, as is done where there are several.
    """
    kinds = {target["name"]: target["kind"] for target in results["targets"]}
    native = [name for name, kind in kinds.items() if kind == "native"]
    others = [name for name in kinds if name not in native]
    metrics = [
        found
        for test in results["settings"].get("tests", [])
        for target in (*native, *others)
        for found in samples(runs_of(results["runs"], test["name"], target))
    ]
    by_name = {(found["target"], found["id"]): found for found in metrics}
    comparisons = [
        _compare(by_name[other, found["id"]], found, kinds[other], name_guests or len(others) > 1)
        for found in metrics
        if found["target"] in native
        for other in others
        if (other, found["id"]) in by_name and has_ratio(by_name[other, found["id"]], found)
    ]
    return {
        "confidence": statistics.CONFIDENCE,
        "resamples": statistics.RESAMPLES,
        "seed": statistics.SEED,
        "metrics": metrics,
        "comparisons": comparisons,
        "boots": boots.boots(results),
        "targets": [_conditions(results, target["name"]) for target in results["targets"]],
    }


def _compare(guest: Mapping[str, Any], native: Mapping[str, Any], kind: str, name_guest: bool) -> dict[str, Any]:
    """A target, a guest or another substrate, against native."""
    ratio = guest["median"] / native["median"]
    interval = statistics.ratio_interval(guest["values"], native["values"])
    rate = guest["better"] == HIGHER
    overhead = {"value": 1 - ratio, **_turned(interval, lambda bound: 1 - bound)} if rate else None
    slow_down = {"value": 1 / ratio, **_turned(interval, lambda bound: 1 / bound)}
    if not rate:
        slow_down = {"value": ratio, **_turned(interval, lambda bound: bound)}
    verdict = _verdict(interval, rate)
    name = f"{guest['test']}: {named(guest['label'], guest['unit'])}"
    return {
        "id": guest["id"],
        "test": guest["test"],
        "kind": kind,
        "name": f"{name} ({guest['target']})" if name_guest else name,
        "label": guest["label"],
        "unit": guest["unit"],
        "better": guest["better"],
        "headline": guest["headline"],
        "guest": {key: guest[key] for key in ("target", "n", "median", "interval")},
        "native": {key: native[key] for key in ("target", "n", "median", "interval")},
        "ratio": {"value": ratio, **_turned(interval, lambda bound: bound)},
        "overhead": overhead,
        "slow_down": slow_down,
        "verdict": verdict,
        "text": {
            "guest": guest["text"],
            "native": native["text"],
            "of_native": text.percent(ratio),
            "overhead": _with_interval(overhead, text.percent, text.share),
            "slow_down": _with_interval(slow_down, text.times, text.number),
            "guest_median": text.number(guest["median"]),
            "native_median": text.number(native["median"]),
            "verdict": _said(verdict),
        },
    }


def _turned(interval: Mapping[str, Any] | None, function: Callable[[float], float]) -> dict[str, Any]:
    """The interval of a monotonous function of what has C(interval)."""
    if interval is None:
        return {"low": None, "high": None, "method": None}
    low, high = sorted((function(interval["low"]), function(interval["high"])))
    return {"low": low, "high": high, "method": interval["method"]}


def _with_interval(found: Mapping[str, Any] | None, show: Callable[[float], str], bound: Callable[[float], str]) -> str:
    if found is None:
        return text.NOTHING
    return f"{show(found['value'])}{text.interval(found if found['method'] else None, bound)}"


def _verdict(interval: Mapping[str, Any] | None, rate: bool) -> str:
    if interval is None:
        return UNKNOWN
    if interval["low"] <= 1 <= interval["high"]:
        return NOISE
    return SLOWER if (interval["high"] < 1) == rate else FASTER


def _said(verdict: str) -> str:
    """A verdict as it is shown; the key itself is the same in all languages."""
    return {
        SLOWER: say("slower"),
        FASTER: say("faster than native"),
        NOISE: say("within noise"),
        UNKNOWN: say("not compared"),
    }[verdict]


def _conditions(results: Mapping[str, Any], target: str) -> dict[str, Any]:
    """What the rounds of a target were run under."""
    runs = [run for run in results["runs"] if run["target"] == target]
    found = [run["result"] for run in runs]
    sysbench = [run["result"] for run in runs if run["tool"] == "sysbench"]
    return {
        "name": target,
        "steal_percent": _steal(found),
        "clock_sources": sorted({run["environment"]["clock_source"]["current"] for run in found}),
        "frequency_mhz": _frequency(found),
        "throttle_events": _throttled(found),
        "interference": _interference(sysbench),
        "host_wait_percent": _waited(results, target),
        "in_events": {
            test["name"]: _share_in_events(
                [run["result"] for run in runs_of(runs, test["name"], target) if run["tool"] == "sysbench"]
            )
            for test in results["settings"].get("tests", [])
        },
    }


def _steal(runs: Runs) -> dict[str, float] | None:
    steal = [run["cpu_percent"]["steal"] for run in runs if run["cpu_percent"]]
    return {"median": statistics.median(steal), "max": max(steal)} if steal else None


def _waited(results: Mapping[str, Any], target: str) -> dict[str, float] | None:
    """How much of the time the host kept a guest's processors waiting, over rounds; None for what is no guest."""
    found = [100 * waits.share(entry) for entry in results.get("waits", []) if entry["target"] == target]
    return {"median": statistics.median(found), "max": max(found)} if found else None


def _frequency(runs: Runs) -> dict[str, float] | None:
    """The extremes of the processors' frequency before and after runs; None where it is not told."""
    found = [value for run in runs for value in (run.get("frequency_mhz") or {}).values() if value]
    return {"min": min(found), "max": max(found)} if found else None


def _throttled(runs: Runs) -> int | None:
    found = [run["throttle_events"] for run in runs if run.get("throttle_events") is not None]
    return sum(found) if found else None


def _interference(runs: Runs) -> float | None:
    """1 - shortest/average latency of the cpu test, whose events are identical: what others took, at most."""
    found = [
        max(0.0, 1 - run["latency_ms"]["min"] / (run["latency_ms"]["sum"] / run["events"]))
        for run in runs
        if run["test"] == "cpu" and run["latency_ms"]["min"] and run["latency_ms"]["sum"]
    ]
    return statistics.median(found) if found else None


def _share_in_events(runs: Runs) -> float | None:
    """The share of the threads' time that sysbench spent inside its events; the rest is its own cost."""
    found = [
        run["latency_ms"]["sum"] / 1000 / (run["threads"] * run["total_time_s"])
        for run in runs
        if run["threads"] and run["total_time_s"]
    ]
    return statistics.median(found) if found else None
