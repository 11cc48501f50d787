# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What a reader must know before believing the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import subjects, text
from .statistics import EXACT_FROM
from .summary import FASTER

STEAL_PERCENT = 1.0
LOAD_PER_CPU = 0.5


def cautions(results: Mapping[str, Any], summary: Mapping[str, Any]) -> list[str]:
    """Sentences, the gravest first."""
    found: list[str] = []
    for guest in subjects.guests(results):
        found += _of_guest(results, guest)
    found += _of_natives(results)
    rounds = results["settings"]["rounds"]
    if rounds < EXACT_FROM:
        found.append(
            f"{text.count(rounds, 'round')} {'is' if rounds == 1 else 'are'} too few for an exact interval of the"
            f" median, which needs {EXACT_FROM}: the intervals are bootstrapped and too narrow."
        )
    for target, conditions in zip(results["targets"], summary["targets"]):
        found += _of_noise(target, conditions)
    found += _of_values(summary)
    found += [f"sysbench on {run['target']}: {line}" for run in results["runs"] for line in run["result"]["warnings"]]
    return list(dict.fromkeys(found))


def _of_guest(results: Mapping[str, Any], guest: Mapping[str, Any]) -> list[str]:
    name, found = guest["name"], []
    metadata = subjects.metadata_of(results, name)
    if subjects.is_fallback(results, name):
        asked, reason = (
            metadata.get("image_requested", "the one asked for"),
            metadata.get("image_reason", "why is unknown"),
        )
        found.append(f"Guest {name} runs the fallback image {metadata.get('image', '')} instead of {asked}: {reason}.")
    if subjects.accelerator_of(results, name) == "TCG":
        reason = subjects.accelerator_reason(results, name)
        found.append(f"Guest {name} is emulated by TCG, without KVM{f': {reason}' if reason else ''}.")
    clock = subjects.environment(guest)["clock_source"]["current"]
    if clock in subjects.SLOW_CLOCKS:
        found.append(
            f"Guest {name} reads its time from {clock}, a device: sysbench reads the time twice for each event,"
            " so short events such as memory blocks of 1 KiB mostly measure the clock."
        )
    native = next((target for target in results["targets"] if target["kind"] == "native"), None)
    if native and native["binary_sha256"] != guest["binary_sha256"]:
        found.append(f"Guest {name} and native did not run the same sysbench binary: part of a difference may be that.")
    return found


def _of_natives(results: Mapping[str, Any]) -> list[str]:
    outer = subjects.virtualization_of(results)
    if not outer:
        return []
    return [f"The hypervisor {results['hypervisor']} itself runs under {outer}: native is not bare metal."]


def _of_noise(target: Mapping[str, Any], conditions: Mapping[str, Any]) -> list[str]:
    name, found = target["name"], []
    steal = conditions["steal_percent"]
    if steal and steal["max"] >= STEAL_PERCENT:
        found.append(f"Up to {text.number(steal['max'])} % of the time was stolen from {name} by its hypervisor.")
    load, cpus = target["load_before"], subjects.environment(target)["cpus"]
    if load > LOAD_PER_CPU * cpus:
        found.append(f"{name} was busy before the first round: load {load} on {text.count(cpus, 'CPU')}.")
    if len(conditions["clock_sources"]) > 1:
        found.append(f"The clock source of {name} changed meanwhile: {text.listed(conditions['clock_sources'])}.")
    return found


def _of_values(summary: Mapping[str, Any]) -> list[str]:
    found = [
        f"{metric['test']} on {metric['target']}, {metric['label']}:"
        f" round {text.listed([str(turn) for turn in metric['outliers']])} lies far from the others, and is kept."
        for metric in summary["metrics"]
        if metric["headline"] and metric["outliers"]
    ]
    found += [
        f"{entry['name']}: the guest is faster than native. Look for a cache or a clock that deceives."
        for entry in summary["comparisons"]
        if entry["headline"] and entry["verdict"] == FASTER
    ]
    return found
