# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What a reader must know before believing the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import boots, subjects, text
from .languages import say
from .nested import NESTED
from .statistics import EXACT_FROM
from .stopping import BUDGET
from .summary import FASTER

GUESTS = ("guest", NESTED)
"""The kinds of targets that have a clock of their own; a container or a program shares the hypervisor's."""
STEAL_PERCENT = 1.0
LOAD_PER_CPU = 0.5
FREQUENCY_SPREAD = 0.05
FASTER_BY = 0.03
"""A guest that is faster than native by no more may be so by chance, as one of many that are compared."""


def cautions(results: Mapping[str, Any], summary: Mapping[str, Any]) -> list[str]:
    """Sentences, the gravest first."""
    found: list[str] = []
    for guest in subjects.guests(results):
        found += _of_guest(results, guest)
    found += _of_natives(results)
    found += _of_substrates(results)
    found += _of_left_out(results)
    found += _of_rounds(results)
    found += _of_boots(summary)
    for target, conditions in zip(results["targets"], summary["targets"]):
        found += _of_noise(target, conditions)
    found += _of_values(summary)
    found += [
        say("{tool} on {target}: {warning}", tool=run["tool"], target=run["target"], warning=line)
        for run in results["runs"]
        for line in run["result"]["warnings"]
    ]
    return list(dict.fromkeys(found))


def _of_guest(results: Mapping[str, Any], guest: Mapping[str, Any]) -> list[str]:
    name, found = guest["name"], []
    metadata = subjects.metadata_of(results, name)
    if subjects.is_fallback(results, name):
        found.append(
            say(
                "Guest {guest} runs the fallback image {image} instead of {asked}: {reason}.",
                guest=name,
                image=metadata.get("image", ""),
                asked=metadata.get("image_requested", say("the one asked for")),
                reason=str(metadata.get("image_reason", say("why is unknown"))).rstrip("."),
            )
        )
    if subjects.accelerator_of(results, name) == "TCG":
        reason = subjects.accelerator_reason(results, name).rstrip(".")
        sentence = say("Guest {guest} is emulated by TCG, without KVM", guest=name)
        found.append(f"{sentence}{f': {reason}' if reason else ''}.")
    clock = subjects.environment(guest)["clock_source"]["current"]
    if clock in subjects.SLOW_CLOCKS:
        found.append(
            say(
                "Guest {guest} reads its time from {clock}, a device: sysbench reads the time twice for each event,"
                " so short events such as memory blocks of 1 KiB mostly measure the clock.",
                guest=name,
                clock=clock,
            )
        )
    native = next((target for target in results["targets"] if target["kind"] == "native"), None)
    if native and native["binary_sha256"] != guest["binary_sha256"]:
        found.append(
            say(
                "Guest {guest} and native did not run the same sysbench binary: part of a difference may be that.",
                guest=name,
            )
        )
    return found


def _of_natives(results: Mapping[str, Any]) -> list[str]:
    outer = subjects.virtualization_of(results)
    if not outer:
        return []
    return [
        say(
            "The hypervisor {hypervisor} itself runs under {outer}: native is not bare metal.",
            hypervisor=results["hypervisor"],
            outer=outer,
        )
    ]


def _of_substrates(results: Mapping[str, Any]) -> list[str]:
    return [
        say("{name} was not measured, it does not run here: {reason}", name=entry["name"], reason=entry["reason"])
        for entry in results.get("substrates", [])
        if not entry["available"]
    ]


def _of_left_out(results: Mapping[str, Any]) -> list[str]:
    tests: dict[tuple[str, str], list[str]] = {}
    for entry in results.get("left_out", []):
        tests.setdefault((entry["target"], entry["reason"]), []).append(entry["test"])
    return [
        say("On {target} these do not run: {tests}. {reason}", target=target, tests=text.listed(names), reason=reason)
        for (target, reason), names in tests.items()
    ]


def _of_rounds(results: Mapping[str, Any]) -> list[str]:
    rounds, stopping = results["settings"]["rounds"], results.get("stopping")
    found = []
    if 0 < rounds < EXACT_FROM:
        found.append(
            say(
                "{rounds} rounds are too few for an exact interval of the median, which needs {least}:"
                " the intervals are bootstrapped and too narrow.",
                rounds=rounds,
                least=EXACT_FROM,
            )
        )
    elif stopping and stopping["ended"] == BUDGET:
        wide = [_wide(metric) for metric in stopping["metrics"] if not metric["converged"]]
        found.append(
            say(
                "The budget ended after {rounds} rounds, before these medians were known to ±{precision} %: {metrics}.",
                rounds=rounds,
                precision=text.share(stopping["precision"]),
                metrics=text.listed(wide),
            )
        )
    return found


def _of_boots(summary: Mapping[str, Any]) -> list[str]:
    differing = [entry for entry in summary["boots"] if entry["verdict"] == boots.DIFFER]
    return [
        say(
            "{test} on {target} differs from boot to boot: another boot may lie outside its interval, which is over"
            " rounds.",
            test=entry["test"],
            target=entry["target"],
        )
        for entry in differing
    ]


def _wide(metric: Mapping[str, Any]) -> str:
    width = text.share(metric["half_width"])
    return say("{test} on {target} (±{width} %)", test=metric["test"], target=metric["target"], width=width)


def _of_noise(target: Mapping[str, Any], conditions: Mapping[str, Any]) -> list[str]:
    name, found = target["name"], []
    steal, frequency = conditions["steal_percent"], conditions["frequency_mhz"]
    if steal and steal["max"] >= STEAL_PERCENT:
        found.append(
            say(
                "Up to {steal} % of the time was stolen from {target} by its hypervisor.",
                steal=text.number(steal["max"]),
                target=name,
            )
        )
    load, cpus = target["load_before"], subjects.environment(target)["cpus"]
    if load > LOAD_PER_CPU * cpus:
        found.append(
            say(
                "{target} was busy before the first round: load {load} on {cpus} CPUs.",
                target=name,
                load=text.number(load),
                cpus=cpus,
            )
        )
    if len(conditions["clock_sources"]) > 1:
        found.append(
            say(
                "The clock source of {target} changed meanwhile: {sources}.",
                target=name,
                sources=text.listed(conditions["clock_sources"]),
            )
        )
    if conditions["throttle_events"]:
        found.append(
            say(
                "The processors of {target} were too hot and slowed down meanwhile, {times} times.",
                target=name,
                times=conditions["throttle_events"],
            )
        )
    if frequency and frequency["max"] > frequency["min"] * (1 + FREQUENCY_SPREAD):
        found.append(
            say(
                "The frequency of the processors of {target} went from {low} to {high} MHz: fix it by the performance"
                " governor for steadier numbers.",
                target=name,
                low=text.number(frequency["min"]),
                high=text.number(frequency["max"]),
            )
        )
    return found


def _of_values(summary: Mapping[str, Any]) -> list[str]:
    found = [
        say(
            "{test} on {target}, {metric}: far from the others, and kept: {rounds}.",
            test=metric["test"],
            target=metric["target"],
            metric=metric["label"],
            rounds=text.listed([say("round {number}", number=turn) for turn in metric["outliers"]]),
        )
        for metric in summary["metrics"]
        if metric["headline"] and metric["outliers"]
    ]
    found += [
        say(
            "{comparison}: {target} is faster than native. Look for a cache or a clock that deceives.",
            comparison=entry["name"],
            target=entry["guest"]["target"],
        )
        for entry in summary["comparisons"]
        if entry["headline"] and entry["kind"] in GUESTS and entry["verdict"] == FASTER
        if entry["slow_down"]["value"] < 1 / (1 + FASTER_BY)
    ]
    return found
