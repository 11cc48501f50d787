# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What the measurement means, in sentences computed from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import boot_to_boot, boots, clocks, subjects, text
from .languages import known, say
from .metrics import LOWER
from .summary import NOISE, SLOWER, UNKNOWN


def verdict(results: Mapping[str, Any], summary: Mapping[str, Any], sections: Sequence[Mapping[str, Any]] = ()) -> str:
    """One sentence for each guest: what virtualization costs here; without rounds, what the first experiment says."""
    sentences = []
    for guest in subjects.guests(results):
        parts = [_cost(entry) for entry in _headlines(summary, guest["name"])]
        if parts:
            sentences.append(
                say(
                    "Guest {guest} on {hypervisor} runs {costs}; {evidence}.",
                    guest=_described(results, guest["name"]),
                    hypervisor=results["hypervisor"],
                    costs=text.listed(parts),
                    evidence=_evidence(results),
                )
            )
    found = sentences or _first_of(sections)[:1]
    return " ".join(found) or say("Nothing was compared: there are no rounds of both a guest and native.")


def conclusions(
    results: Mapping[str, Any],
    summary: Mapping[str, Any],
    study: Mapping[str, Any] | None,
    sections: Sequence[Mapping[str, Any]] = (),
) -> list[str]:
    """Plain sentences: image, accelerator, clock, the biggest cost, noise, experiments, and the reference study."""
    found: list[str] = []
    for guest in subjects.guests(results):
        found += [_image(results, guest["name"]), _accelerator(results, guest["name"]), _clock(results, guest)]
        found += _biggest(summary, guest["name"])
        found += _interference(summary, guest["name"], study)
        found += _waited(summary, guest["name"])
        found += _harness(summary, guest["name"])
        found += _study(summary, guest["name"], study)
    return [*filter(None, found), *_noise(summary), *boot_to_boot.sentences(summary["boots"])[:1], *_first_of(sections)]


def _first_of(sections: Sequence[Mapping[str, Any]]) -> list[str]:
    """The sentence that each experiment begins with is what it found; the others explain it in its section."""
    return [section["sentences"][0] for section in sections if section["sentences"]]


def _headlines(summary: Mapping[str, Any], guest: str) -> list[Mapping[str, Any]]:
    return [e for e in summary["comparisons"] if e["headline"] and e["guest"]["target"] == guest]


def _described(results: Mapping[str, Any], guest: str) -> str:
    by = subjects.accelerator_of(results, guest)
    return f"{guest} ({by})" if by else guest


def _cost(entry: Mapping[str, Any]) -> str:
    slow_down, ratio = entry["slow_down"]["value"], entry["ratio"]
    if entry["verdict"] == NOISE:
        change = say("inside the noise")
    elif entry["verdict"] == UNKNOWN:
        change = say("one round only")
    elif slow_down >= 1:
        change = say("{times} slower", times=text.times(slow_down))
    else:
        change = say("{times} faster", times=text.times(1 / slow_down))
    if ratio["method"]:
        between = text.between(text.share(ratio["low"]), text.share(ratio["high"]))
        change += say(", 95\u00a0% interval {between}\u00a0%", between=between)
    share = entry["text"]["of_native"]
    if entry["better"] == LOWER:
        return say("{test} in {share} of native's time ({change})", test=entry["test"], share=share, change=change)
    return say("{test} at {share} of native ({change})", test=entry["test"], share=share, change=change)


def _evidence(results: Mapping[str, Any]) -> str:
    """What the numbers rest on: a guest that was booted once may do better or worse the next time."""
    rounds, number = results["settings"]["rounds"], boots.count(results)
    if rounds == 1:
        return say("one round")
    if number == 1:
        return say("medians of {rounds} interleaved rounds in one boot", rounds=rounds)
    return say("medians of {rounds} interleaved rounds in {boots} boots", rounds=rounds, boots=number)


def _image(results: Mapping[str, Any], name: str) -> str:
    found = subjects.metadata_of(results, name)
    if not found.get("image"):
        return ""
    if subjects.is_fallback(results, name):
        return say(
            "{guest} runs the image {image}, built here in place of {asked}: {reason}.",
            guest=name,
            image=found["image"],
            asked=found.get("image_requested") or say("the one asked for"),
            reason=str(found.get("image_reason") or say("why is unknown")).rstrip("."),
        )
    return say("{guest} runs the image {image}, as asked for.", guest=name, image=found["image"])


def _accelerator(results: Mapping[str, Any], name: str) -> str:
    by, reason = subjects.accelerator_of(results, name), subjects.accelerator_reason(results, name).rstrip(".")
    because = f" ({reason})" if reason else ""
    if by == "KVM":
        return say(
            "{guest} runs under KVM{because}: its instructions run on the processor itself.",
            guest=name,
            because=because,
        )
    if by == "TCG":
        return say(
            "{guest} is emulated by QEMU's TCG{because}: each of its instructions is translated to several.",
            guest=name,
            because=because,
        )
    return ""


def _clock(results: Mapping[str, Any], guest: Mapping[str, Any]) -> str:
    clock = subjects.environment(guest)["clock_source"]["current"]
    if not clock:
        return ""
    if clock in subjects.SLOW_CLOCKS:
        sentence = say(
            "{guest} reads the time from {clock}, which leaves the guest at each reading",
            guest=guest["name"],
            clock=clock,
        )
        gain = clocks.gain(results["experiments"], clock)
        if gain and subjects.accelerator_of(results, guest["name"]) == "TCG":
            sentence += say(
                "; with TSC instead, a probe guest under TCG does the memory test {factor} as fast",
                factor=text.times(gain["value"]) + text.interval(gain),
            )
        return f"{sentence}."
    return say(
        "{guest} reads the time from {clock}, so the clock does not spoil short events.",
        guest=guest["name"],
        clock=clock,
    )


def _biggest(summary: Mapping[str, Any], guest: str) -> list[str]:
    slower = [entry for entry in _headlines(summary, guest) if entry["verdict"] == SLOWER]
    if not slower:
        return []
    worst = max(slower, key=lambda entry: entry["slow_down"]["value"])
    sentence = say(
        "The biggest cost on {guest} is {test}: {here} instead of {native} {unit}, {times} slower.",
        guest=guest,
        test=worst["test"],
        here=worst["text"]["guest_median"],
        native=worst["text"]["native_median"],
        unit=known(worst["unit"]),
        times=text.times(worst["slow_down"]["value"]),
    )
    return [sentence]


def _interference(summary: Mapping[str, Any], guest: str, study: Mapping[str, Any] | None) -> list[str]:
    found = next((target["interference"] for target in summary["targets"] if target["name"] == guest), None)
    if found is None:
        return []
    sentence = say(
        "At most {share} of the cpu test's time on {guest} went to something else than its events, which are all alike"
        " (1 − shortest/average latency)",
        share=text.percent(found),
        guest=guest,
    )
    values = {entry["id"]: entry["guest"] for entry in study["metrics"]} if study else {}
    if "cpu.latency_min" in values and "cpu.latency_avg" in values:
        there = 1 - values["cpu.latency_min"] / values["cpu.latency_avg"]
        sentence += say("; the reference study's figures give {share}", share=text.percent(there))
    return [f"{sentence}."]


def _waited(summary: Mapping[str, Any], guest: str) -> list[str]:
    found = next((target.get("host_wait_percent") for target in summary["targets"] if target["name"] == guest), None)
    if found is None:
        return []
    return [
        say(
            "The hypervisor kept the virtual processors of {guest} waiting for {share} of the time in which they had"
            " work (median of the rounds; {most} in the worst): its scheduler counts that, also where the guest sees"
            " no stolen time.",
            guest=guest,
            share=text.percent(found["median"] / 100),
            most=text.percent(found["max"] / 100),
        )
    ]


def _harness(summary: Mapping[str, Any], guest: str) -> list[str]:
    shares: Mapping[str, Any] = next((t["in_events"] for t in summary["targets"] if t["name"] == guest), {})
    return [
        say(
            "sysbench spent {share} of the {test} test's time on {guest} outside its events, on reading the clock and"
            " counting: that part is not the cost of the work itself.",
            share=text.percent(1 - share),
            test=test,
            guest=guest,
        )
        for test, share in shares.items()
        if share is not None and share < 0.8
    ]


def _study(summary: Mapping[str, Any], guest: str, study: Mapping[str, Any] | None) -> list[str]:
    theirs = {entry["id"]: entry for entry in study["metrics"]} if study else {}
    pairs = [(entry, theirs[entry["id"]]) for entry in _headlines(summary, guest) if entry["id"] in theirs]
    return [_beside(entry, other, guest) for entry, other in pairs]


def _beside(entry: Mapping[str, Any], other: Mapping[str, Any], guest: str) -> str:
    factor = entry["guest"]["median"] / other["guest"]
    sentence = say(
        "The guest of the reference study did {theirs} {unit} in {test}; {guest} does {factor} of that",
        theirs=text.number(other["guest"]),
        unit=known(other["unit"]),
        test=entry["test"],
        guest=guest,
        factor=text.times(factor) if factor >= 1 else text.percent(factor),
    )
    if other.get("native"):
        low, high = (other["guest"] / value for value in reversed(other["native"]))
        sentence += say(
            ", and {here} of a measured native where the study had {there}\u00a0% of an estimated one",
            here=entry["text"]["of_native"],
            there=text.between(text.share(low), text.share(high)),
        )
    return f"{sentence}."


def _noise(summary: Mapping[str, Any]) -> list[str]:
    entries: Sequence[Mapping[str, Any]] = [entry for entry in summary["comparisons"] if entry["headline"]]
    if not entries:
        return []
    noise = [entry["name"] for entry in entries if entry["verdict"] == NOISE]
    if not noise:
        return [say("No difference between guest and native is within the noise of the rounds.")]
    return [say("Within the noise, so no difference is shown: {metrics}.", metrics="; ".join(noise))]
