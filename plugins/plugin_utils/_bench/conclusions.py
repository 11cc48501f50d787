# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What the measurement means, in sentences computed from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import subjects, text
from .summary import NOISE, SLOWER, UNKNOWN


def verdict(results: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """One sentence: what virtualization costs here."""
    sentences = []
    for guest in subjects.guests(results):
        parts = [_cost(entry) for entry in _headlines(summary, guest["name"])]
        if parts:
            by = subjects.accelerator_of(results, guest["name"])
            subject = f"Guest {guest['name']}{f' ({by})' if by else ''} on {results['hypervisor']}"
            sentences.append(f"{subject} runs {text.listed(parts)}; {_evidence(results)}.")
    return " ".join(sentences) or "Nothing was compared: there are no rounds of both a guest and native."


def conclusions(results: Mapping[str, Any], summary: Mapping[str, Any], study: Mapping[str, Any] | None) -> list[str]:
    """Plain sentences: image, accelerator, clock, the biggest cost, noise, and the reference study."""
    found: list[str] = []
    for guest in subjects.guests(results):
        found += [_image(results, guest["name"]), _accelerator(results, guest["name"]), _clock(guest)]
        found += _biggest(summary, guest["name"])
        found += _interference(summary, guest["name"], study)
        found += _harness(summary, guest["name"])
        found += _study(summary, guest["name"], study)
    return [*filter(None, found), *_noise(summary)]


def _headlines(summary: Mapping[str, Any], guest: str) -> list[Mapping[str, Any]]:
    return [e for e in summary["comparisons"] if e["headline"] and e["guest"]["target"] == guest]


def _cost(entry: Mapping[str, Any]) -> str:
    slow_down, ratio = entry["slow_down"]["value"], entry["ratio"]
    change = f"{text.times(slow_down)} slower" if slow_down >= 1 else f"{text.times(1 / slow_down)} faster"
    change = {NOISE: "inside the noise", UNKNOWN: "one round only"}.get(entry["verdict"], change)
    if ratio["method"]:
        low, high = text.share(ratio["low"]), text.share(ratio["high"])
        change += f", 95{text.PERCENT} interval {low}–{high}{text.PERCENT}"
    return f"{entry['test']} at {entry['text']['of_native']} of native ({change})"


def _evidence(results: Mapping[str, Any]) -> str:
    return f"medians of {text.count(results['settings']['rounds'], 'interleaved round')}"


def _image(results: Mapping[str, Any], name: str) -> str:
    found = subjects.metadata_of(results, name)
    if not found.get("image"):
        return ""
    if subjects.is_fallback(results, name):
        reason = str(found.get("image_reason") or "the reason is not known").rstrip(".")
        return (
            f"{name} runs the image {found['image']}, built here in place of"
            f" {found.get('image_requested', 'the one asked for')}: {reason}."
        )
    return f"{name} runs the image {found['image']}, as asked for."


def _accelerator(results: Mapping[str, Any], name: str) -> str:
    by, reason = subjects.accelerator_of(results, name), subjects.accelerator_reason(results, name).rstrip(".")
    because = f" ({reason})" if reason else ""
    if by == "KVM":
        return f"{name} runs under KVM{because}: its instructions run on the processor itself."
    if by == "TCG":
        return f"{name} is emulated by QEMU's TCG{because}: each of its instructions is translated to several."
    return ""


def _clock(guest: Mapping[str, Any]) -> str:
    clock = subjects.environment(guest)["clock_source"]
    if not clock["current"]:
        return ""
    if clock["current"] in subjects.SLOW_CLOCKS:
        return (
            f"{guest['name']} reads the time from {clock['current']}, which leaves the guest at each reading;"
            " with tsc, short events cost several times less."
        )
    return f"{guest['name']} reads the time from {clock['current']}, so the clock does not spoil short events."


def _biggest(summary: Mapping[str, Any], guest: str) -> list[str]:
    slower = [entry for entry in _headlines(summary, guest) if entry["verdict"] == SLOWER]
    if not slower:
        return []
    worst = max(slower, key=lambda entry: entry["slow_down"]["value"])
    return [
        f"The biggest cost on {guest} is {worst['test']}: {worst['text']['guest_median']} instead of"
        f" {worst['text']['native_median']} {worst['unit']}, {text.times(worst['slow_down']['value'])} slower."
    ]


def _interference(summary: Mapping[str, Any], guest: str, study: Mapping[str, Any] | None) -> list[str]:
    found = next((target["interference"] for target in summary["targets"] if target["name"] == guest), None)
    if found is None:
        return []
    sentence = (
        f"At most {text.percent(found)} of the cpu test's time on {guest} went to something else than its events, which"
        " are all alike (1 − shortest/average latency)"
    )
    values = {entry["id"]: entry["guest"] for entry in study["metrics"]} if study else {}
    if "cpu.latency_min" in values and "cpu.latency_avg" in values:
        there = 1 - values["cpu.latency_min"] / values["cpu.latency_avg"]
        sentence += f"; the reference study's figures give {text.percent(there)}"
    return [f"{sentence}."]


def _harness(summary: Mapping[str, Any], guest: str) -> list[str]:
    shares: Mapping[str, Any] = next((t["in_events"] for t in summary["targets"] if t["name"] == guest), {})
    return [
        f"sysbench spent {text.percent(1 - share)} of the {test} test's time on {guest} outside its events, on reading"
        " the clock and counting: that part is not the cost of the work itself."
        for test, share in shares.items()
        if share is not None and share < 0.8
    ]


def _study(summary: Mapping[str, Any], guest: str, study: Mapping[str, Any] | None) -> list[str]:
    theirs = {entry["id"]: entry for entry in study["metrics"]} if study else {}
    found = []
    for entry in _headlines(summary, guest):
        other = theirs.get(entry["id"])
        if other is None:
            continue
        factor = entry["guest"]["median"] / other["guest"]
        compared = f"{text.times(factor)} its" if factor >= 1 else f"{text.percent(factor)} of its"
        sentence = (
            f"The guest of the reference study did {text.number(other['guest'])} {other['unit']} in {entry['test']};"
        )
        sentence += f" {guest} does {compared} figure"
        if other.get("native"):
            low, high = (other["guest"] / value for value in reversed(other["native"]))
            sentence += (
                f", and {entry['text']['of_native']} of a measured native where the study had"
                f" {text.share(low)}–{text.share(high)} % of an estimated one"
            )
        found.append(f"{sentence}.")
    return found


def _noise(summary: Mapping[str, Any]) -> list[str]:
    entries: Sequence[Mapping[str, Any]] = summary["comparisons"]
    if not entries:
        return []
    noise = [entry["name"] for entry in entries if entry["verdict"] == NOISE]
    if not noise:
        return ["No difference between guest and native is within the noise of the rounds."]
    return [f"Within the noise, so no difference is shown: {'; '.join(noise)}."]
