# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Why it costs what it costs: the ladder of factors, the budget of a memory operation, and a study's guesses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import attribution, subjects, text
from ..experiments import attribution as design
from ..experiments.values import Experiment, runs
from ..languages import language, say
from ..section import chart, section
from ..statistics import EXACT_FROM
from ..tables import CARDS, Table, table
from . import common, waterfall


def labels() -> dict[str, str]:
    """The names of the variants."""
    return {
        "native": say("native"),
        "user": say("user-mode emulation"),
        "guest": say("TCG guest, 1 vCPU, TSC"),
        "smp": say("TCG guest, 2 vCPUs, TSC"),
        "clock": say("TCG guest, 2 vCPUs, its own choice of clock"),
        "total_native": say("native, once more"),
        "total_guest": say("TCG guest as it comes, once more"),
        "kvm": say("guest under KVM"),
    }


def factors() -> dict[str, str]:
    """What each rung adds to the one before, which it is named by."""
    return {
        "user": say("translation of the program's instructions"),
        "guest": say("emulation of a whole machine"),
        "smp": say("a second virtual CPU"),
        "clock": say("the clock that the guest chooses"),
    }


def section_of(experiment: Experiment, study: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The section."""
    found = [ladder for ladder in (attribution.attribute(experiment, test) for test in design.REFERENCE) if ladder]
    parts, clock = attribution.budget(experiment), _clock(experiment)
    counted = attribution.counted(experiment)
    guesses = _guesses(experiment, (study or {}).get("causes") or [])
    return section(
        "attribution",
        say("Where the time goes"),
        sentences=[
            sentence for ladder in found for sentence in (_biggest(ladder), _closure(ladder), *_accelerated(ladder))
        ],
        charts=[
            chart(_waterfall(ladder), say("{test}: each bar multiplies what is left of it.", test=ladder["test"]))
            for ladder in found
        ],
        tables=[
            *(_ladder(ladder, clock) for ladder in found),
            *([_budget(parts, clock)] if parts else []),
            *([guesses] if guesses["rows"] else []),
            *([_counted(counted)] if counted else []),
            *common.not_run(experiment, labels()),
            _counters(experiment),
        ],
        notes=[
            *common.method(experiment),
            say("A factor is the ratio of two neighbours on the ladder, which differ in one thing."),
            say(
                "The total was measured in boots and rounds of its own, and the factors multiply to the ratio of the"
                " ladder's two ends: the residual tells whether these ends repeat, and the interval of each factor how"
                " certain that one is."
            ),
            say(
                "The probe guest is a kernel with little more than sysbench: its slow-down need not be that of a guest"
                " with a whole system."
            ),
            *_how(counted),
        ],
    )


def name_of(step: Mapping[str, Any]) -> str:
    """What a factor is; where rungs are missing in between, it is all of them together."""
    ladder = design.LADDER
    between = ladder[ladder.index(step["from"]) + 1 : ladder.index(step["to"]) + 1]
    return text.listed([factors()[name] for name in between])


def _biggest(ladder: Mapping[str, Any]) -> str:
    step = max(ladder["steps"], key=lambda step: step["value"])
    return say(
        "{test}: the probe guest is {compared}; the largest factor is {cause}, {factor}.",
        test=ladder["test"],
        compared=common.beside_native(ladder["total"]),
        cause=name_of(step),
        factor=common.times(step),
    )


def _closure(ladder: Mapping[str, Any]) -> str:
    words = {
        "test": ladder["test"],
        "product": common.times(ladder["product"]),
        "total": common.times(ladder["total"]),
        "residual": common.times(ladder["residual"]),
    }
    told = ladder["residual"]["low"] is not None
    if told and ladder["closes"]:
        return say(
            "{test}: the factors multiply to {product}, measured again {total}; what lies between, {residual}, is not"
            " distinguishable from 1.",
            **words,
        )
    if not told or ladder["rounds"] < EXACT_FROM:
        return say(
            "{test}: the factors multiply to {product}, measured again {total}; {rounds} cannot tell whether {residual}"
            " between them is noise.",
            **words,
            rounds=text.count(ladder["rounds"], "round"),
        )
    return say("{test}: the factors multiply to {product}, measured again {total}: {residual} is unexplained.", **words)


def _accelerated(ladder: Mapping[str, Any]) -> list[str]:
    if not ladder["accelerated"]:
        return []
    compared = common.beside_native(ladder["accelerated"])
    return [say("{test}: under KVM the probe guest is {compared}.", test=ladder["test"], compared=compared)]


def _clock(experiment: Experiment) -> str:
    """What the guest that was left to choose read the time from, in words."""
    found = {run["result"]["environment"]["clock_source"]["current"] for run in runs(experiment, design.LADDER[-1])}
    return text.listed(
        [
            say("{clock}, a device", clock=clock) if clock in subjects.SLOW_CLOCKS else clock
            for clock in sorted(filter(None, found))
        ]
    )


def _ladder(ladder: Mapping[str, Any], clock: str) -> Table:
    rows = [
        [
            name_of(step),
            f"{labels()[step['to']]} ({clock})" if step["to"] == design.LADDER[-1] else labels()[step["to"]],
            text.number(ladder["medians"][step["to"]]),
            common.times(step),
            text.percent(step["share"]),
        ]
        for step in ladder["steps"]
    ]
    rows.append([say("all factors together"), None, None, common.times(ladder["product"]), text.percent(1.0)])
    rows.append([say("measured again"), None, None, common.times(ladder["total"]), None])
    rows.append([say("residual"), None, None, common.times(ladder["residual"]), None])
    native = text.number(ladder["medians"]["native"])
    return table(
        say("{test}: factors, from native {native}/s", test=ladder["test"], native=native),
        [say("Factor"), say("Measured on"), say("Rate, 1/s"), say("Slow-down"), say("Share of the logarithm")],
        rows,
        look=CARDS,
    )


def _budget(found: Mapping[str, Any], clock: str) -> Table:
    names = {
        "clock": say("reading the clock that the guest chose ({clock}) instead of TSC", clock=clock),
        "histogram": say("sysbench's histogram of latencies"),
        "loop": say("sysbench's loop, with the readings of a fast clock"),
        "write": say("writing 1 KiB"),
    }
    parts = found["parts"].items()
    rows = [
        [names[name], text.number(part["us"]) + text.interval(part["interval"]), text.percent(part["share"])]
        for name, part in parts
    ]
    rows.append([say("sum"), text.number(found["sum_us"]), text.percent(1.0)])
    rows.append([say("observed"), text.number(found["observed_us"]), text.percent(1 / found["closes"])])
    return table(say("One memory operation in the guest as it comes"), [say("Part"), "µs", say("Share")], rows)


def _guesses(experiment: Experiment, causes: list[Mapping[str, Any]]) -> Table:
    rows = []
    for guess in causes:
        share = attribution.measured_share(experiment, guess["test"], guess["id"]) or guess.get("share")
        low, high = guess["percent"]
        cause = guess["cause"]
        name = cause if isinstance(cause, str) else cause.get(language(), next(iter(cause.values())))
        rows.append(
            [
                guess["test"],
                name,
                f"{low}–{high}{text.PERCENT}",
                _share(share),
                _supported(share, low / 100, high / 100),
            ]
        )
    columns = [say("Test"), say("Cause"), say("Study's guess"), say("Measured share"), say("Verdict")]
    return table(say("The study's guesses"), columns, rows)


def _share(share: Mapping[str, Any] | None) -> str:
    if share is None:
        return text.NOTHING
    return text.percent(share["value"]) + (text.interval(share, text.share) if share["low"] is not None else "")


def _supported(share: Mapping[str, Any] | None, low: float, high: float) -> str:
    """Whether what was measured lies in the guess: by its interval, where it has one."""
    if share is None:
        return say("not measured here")
    smallest, largest = (share["value"] if share[key] is None else share[key] for key in ("low", "high"))
    if largest < low or smallest > high:
        return say("not supported")
    return say("supported") if low <= smallest and largest <= high else say("not excluded")


def _events() -> dict[str, str]:
    return {
        "instructions": say("instructions executed"),
        "cycles": say("processor cycles"),
        "dtlb_misses": say("TLB misses"),
        "context_switches": say("context switches"),
        "cpu_migrations": say("moves to another CPU"),
        "page_faults": say("page faults"),
        "kvm_events": say("exits of guests under KVM"),
    }


def _counted(found: list[dict[str, Any]]) -> Table:
    events = [name for name in _events() if any(name in row["events"] for row in found)]
    rows = [
        [f"{row['test']}: {labels()[row['variant']]}", *(text.number(row["events"].get(name)) for name in events)]
        for row in found
    ]
    columns = [say("Test and guest"), *(_events()[name] for name in events)]
    return table(say("What QEMU's threads did in a second"), columns, rows, look=CARDS)


def _how(counted: list[dict[str, Any]]) -> list[str]:
    if not counted:
        return []
    return [
        say(
            "Events are those of perf stat, of all threads of QEMU while a test runs: medians of the rounds. Of the"
            " processor's, those are counted that happen in programs, not in the host's kernel."
        )
    ]


def _counters(experiment: Experiment) -> Table:
    rows = [
        [
            _events().get(counter["name"], counter["what"]),
            say("yes") if counter["available"] else say("no"),
            counter["reason"],
        ]
        for counter in experiment["settings"]["probe"]["counters"]
    ]
    return table(say("What this host could count"), [say("Signal"), say("Countable"), say("Why not")], rows)


def _waterfall(ladder: Mapping[str, Any]) -> str:
    names = [name_of(step) for step in ladder["steps"]]
    return waterfall.waterfall(
        ladder, names, say("measured again: {factor}", factor=text.times(ladder["total"]["value"]))
    )
