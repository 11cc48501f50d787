# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What a reader must know before believing the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import subjects, text
from .languages import say
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
    if results["runs"]:
        found += _of_rounds(results["settings"]["rounds"])
    for target, conditions in zip(results["targets"], summary["targets"]):
        found += _of_noise(target, conditions)
    found += _of_values(summary)
    found += [
        say("sysbench on {target}: {line}", target=run["target"], line=line)
        for run in results["runs"]
        for line in run["result"]["warnings"]
    ]
    return list(dict.fromkeys(found))


def _of_rounds(rounds: int) -> list[str]:
    if rounds >= EXACT_FROM:
        return []
    sentence = say(
        "Fewer than {enough} rounds ({rounds}) give no exact interval of the median:"
        " the intervals are bootstrapped and too narrow.",
        rounds=rounds,
        enough=EXACT_FROM,
    )
    return [sentence]


def _of_guest(results: Mapping[str, Any], guest: Mapping[str, Any]) -> list[str]:
    name, found = guest["name"], []
    metadata = subjects.metadata_of(results, name)
    if subjects.is_fallback(results, name):
        sentence = say(
            "Guest {guest} runs the fallback image {image} instead of {asked}: {reason}.",
            guest=name,
            image=metadata.get("image", ""),
            asked=metadata.get("image_requested") or say("the one asked for"),
            reason=metadata.get("image_reason") or say("why is unknown"),
        )
        found.append(sentence)
    if subjects.accelerator_of(results, name) == "TCG":
        reason = subjects.accelerator_reason(results, name)
        sentence = say("Guest {guest} is emulated by TCG, without KVM", guest=name)
        found.append(f"{sentence}{f': {reason}' if reason else ''}.")
    clock = subjects.environment(guest)["clock_source"]["current"]
    if clock in subjects.SLOW_CLOCKS:
        sentence = say(
            "Guest {guest} reads its time from {clock}, a device: sysbench reads the time twice for each event,"
            " so short events such as memory blocks of 1 KiB mostly measure the clock.",
            guest=name,
            clock=clock,
        )
        found.append(sentence)
    native = next((target for target in results["targets"] if target["kind"] == "native"), None)
    if native and native["binary_sha256"] != guest["binary_sha256"]:
        sentence = say(
            "Guest {guest} and native did not run the same sysbench binary: part of a difference may be that.",
            guest=name,
        )
        found.append(sentence)
    return found


def _of_natives(results: Mapping[str, Any]) -> list[str]:
    outer = subjects.virtualization_of(results)
    if not outer:
        return []
    sentence = say(
        "The hypervisor {hypervisor} itself runs under {outer}: native is not bare metal.",
        hypervisor=results["hypervisor"],
        outer=outer,
    )
    return [sentence]


def _of_noise(target: Mapping[str, Any], conditions: Mapping[str, Any]) -> list[str]:
    name, found = target["name"], []
    steal = conditions["steal_percent"]
    if steal and steal["max"] >= STEAL_PERCENT:
        sentence = say(
            "Up to {steal} % of the time was stolen from {target} by its hypervisor.",
            steal=text.number(steal["max"]),
            target=name,
        )
        found.append(sentence)
    load, cpus = target["load_before"], subjects.environment(target)["cpus"]
    if load > LOAD_PER_CPU * cpus:
        sentence = say(
            "{target} was busy before the first round: load {load} on {cpus}.",
            target=name,
            load=text.number(load),
            cpus=text.count(cpus, "CPU"),
        )
        found.append(sentence)
    if len(conditions["clock_sources"]) > 1:
        sentence = say(
            "The clock source of {target} changed meanwhile: {clocks}.",
            target=name,
            clocks=text.listed(conditions["clock_sources"]),
        )
        found.append(sentence)
    return found


def _of_values(summary: Mapping[str, Any]) -> list[str]:
    found = [
        say(
            "{test} on {target}, {metric}: round {rounds} lies far from the others, and is kept.",
            test=metric["test"],
            target=metric["target"],
            metric=metric["label"],
            rounds=text.listed([str(turn) for turn in metric["outliers"]]),
        )
        for metric in summary["metrics"]
        if metric["headline"] and metric["outliers"]
    ]
    found += [
        say(
            "{metric}: the guest is faster than native. Look for a cache or a clock that deceives.",
            metric=entry["name"],
        )
        for entry in summary["comparisons"]
        if entry["headline"] and entry["verdict"] == FASTER
    ]
    return found
