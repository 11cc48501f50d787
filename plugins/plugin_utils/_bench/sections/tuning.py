# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What to change: each setting's effect, ranked, and the lines of an inventory that apply the best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import statistics, svg, text, tuning
from ..experiments.tuning import BASELINE, CLOCK
from ..experiments.values import Experiment, values
from ..figure import figure, logarithmic
from ..languages import say
from ..section import chart, section
from ..tables import Table, table
from . import common


def labels() -> dict[str, str]:
    """The names of the settings."""
    return {
        "baseline": say("as it comes"),
        "tsc": say("clock source: TSC"),
        "intel": say("CPU model: Nehalem, of another vendor"),
        "max": say("CPU model: max, all that TCG can do"),
        "pc": say("machine type: pc"),
        "no_hpet": say("machine without HPET"),
        "single": say("TCG in a single thread"),
        "small_cache": say("TCG's cache of 32 MiB"),
        "large_cache": say("TCG's cache of 2 GiB"),
        "mitigations": say("kernel without mitigations"),
        "pinned": say("pinned to CPUs of the host"),
        "host_model": say("CPU model: the host's"),
        "disk": say("cache and aio mode of a disk, iothread"),
    }


def section_of(experiment: Experiment, study: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The section."""
    found = tuning.effects(experiment)
    applied = tuning.variables(found)
    winners = table(
        say("What applies the best, in the inventory"),
        [say("Variable of the role guest"), say("Value")],
        [[name, tuning.written(value)] for name, value in applied.items()],
    )
    return section(
        "tuning",
        say("What to change"),
        sentences=_best(found, experiment),
        charts=[chart(_chart(found), say("Each setting against the guest as it comes: right of the line is faster."))]
        if found
        else [],
        tables=[*([winners] if applied else []), _ranked(experiment, found), *common.not_run(experiment, labels())],
        notes=[*common.method(experiment), *_few(experiment)],
    )


def _few(experiment: Experiment) -> list[str]:
    rounds = experiment["settings"]["rounds"]
    if rounds >= tuning.ENOUGH_ROUNDS:
        return []
    return [
        say(
            "{rounds} rounds are too few to tell an effect from noise: it takes {needed}.",
            rounds=rounds,
            needed=tuning.ENOUGH_ROUNDS,
        )
    ]


def _best(found: list[dict[str, Any]], experiment: Experiment) -> list[str]:
    """The best setting for each test, and the clock's in any case: it is what stock guests lack."""
    faster = [effect for effect in found if effect["verdict"] == tuning.FASTER]
    best = {effect["test"]: effect for effect in reversed(faster)}
    told = [effect for effect in faster if effect is best[effect["test"]] or effect["variant"] == CLOCK]
    if not told:
        return [say("No setting makes the guest faster beyond noise.")]
    return [
        say(
            "{test}: {setting} makes the guest {factor} as fast, {rate} instead of {base} in a second.",
            test=effect["test"],
            setting=labels()[effect["variant"]],
            factor=common.times(effect),
            rate=text.number(statistics.median(values(experiment, effect["variant"], effect["test"]))),
            base=text.number(statistics.median(values(experiment, BASELINE, effect["test"]))),
        )
        for effect in told
    ]


def _ranked(experiment: Experiment, found: list[dict[str, Any]]) -> Table:
    """The effects, the largest first."""
    verdicts = {
        tuning.FASTER: say("faster"),
        tuning.SLOWER: say("slower"),
        tuning.NOISE: say("within noise"),
    }
    rows = [
        [
            labels()[effect["variant"]],
            effect["test"],
            text.number(statistics.median(values(experiment, BASELINE, effect["test"]))),
            text.number(statistics.median(values(experiment, effect["variant"], effect["test"]))),
            common.times(effect),
            verdicts[effect["verdict"]],
        ]
        for effect in found
    ]
    columns = [say("Setting"), say("Test"), say("As it comes"), say("With it"), say("Effect"), say("Verdict")]
    return table(say("Settings by their effect"), columns, rows)


def _chart(found: list[dict[str, Any]]) -> str:
    names = [f"{labels()[effect['variant']]}, {effect['test']}: {text.times(effect['value'])}" for effect in found]

    def draw(axes: Any) -> None:
        axes.axvline(1, color=svg.NATIVE, linewidth=1.5)
        for place, effect in enumerate(found):
            if effect["low"] is not None:
                axes.plot([effect["low"], effect["high"]], [place, place], color=svg.GUEST, linewidth=2.5)
            axes.plot(effect["value"], place, "o", color=svg.GUEST, markersize=6)
        bounds = [effect[key] for effect in found for key in ("low", "value", "high") if effect[key]]
        logarithmic(axes, min([*bounds, 0.8]) * 0.9, max([*bounds, 1.25]) * 1.1)
        axes.set_xlabel(say("times as fast as the guest as it comes (logarithmic), 95 % intervals"))

    return figure(names, say("What each setting does"), "; ".join(names), draw)
