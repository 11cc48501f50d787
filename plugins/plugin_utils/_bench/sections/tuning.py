# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What to change: each setting's effect, ranked, and the lines of an inventory that apply the best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import statistics, svg, text, tuning
from ..experiments.tuning import CLOCK, NOT_ADVISED, QEMU, baseline_of
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
        "hugepages": say("memory of huge pages"),
        "qemu": say("another QEMU"),
        "disk": say("a disk as it comes"),
        "disk_none": say("disk, cache mode: none"),
        "disk_writethrough": say("disk, cache mode: writethrough"),
        "disk_unsafe": say("disk, cache mode: unsafe, which may lose data"),
        "disk_native": say("disk, aio mode: native, with cache mode none"),
        "disk_io_uring": say("disk, aio mode: io_uring"),
        "disk_iothread": say("disk with a thread of its own (iothread)"),
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
        notes=[
            *common.method(experiment),
            *_few(experiment),
            *_disk(experiment),
            *_other(experiment),
            *_by_hand(found),
        ],
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


def _disk(experiment: Experiment) -> list[str]:
    if not any(run["test"] == "disk" for run in experiment["runs"]):
        return []
    return [
        say(
            "The test disk reads and writes at random in blocks of 4 KiB, past the guest's cache, on a virtio disk in a"
            " raw file; it is compared with the same disk as it comes."
        )
    ]


def _other(experiment: Experiment) -> list[str]:
    if not any(run["variant"] == QEMU for run in experiment["runs"]):
        return []
    return [say("The other QEMU is {version}.", version=experiment["settings"]["probe"]["other_qemu"]["version"])]


def _by_hand(found: list[dict[str, Any]]) -> list[str]:
    names = tuning.unapplied(found)
    settings = [labels()[name] for name in names if name not in NOT_ADVISED]
    told = [say("Faster as well, but no variable of the role guest: {settings}.", settings="; ".join(settings))]
    refused = [labels()[name] for name in names if name in NOT_ADVISED]
    warned = [say("Faster as well, and not advised: {settings}.", settings="; ".join(refused))]
    return [*(told if settings else []), *(warned if refused else [])]


def _best(found: list[dict[str, Any]], experiment: Experiment) -> list[str]:
    """The best setting for each test, and the clock's in any case: it is what stock guests lack."""
    faster = [e for e in found if e["verdict"] == tuning.FASTER and e["variant"] not in NOT_ADVISED]
    best = {effect["test"]: effect for effect in reversed(faster)}
    told = [effect for effect in faster if effect is best[effect["test"]] or effect["variant"] == CLOCK]
    if not told:
        return _likely(found) or [say("No setting makes the guest faster beyond noise.")]
    return [
        say(
            "{test}: {setting} makes the guest {factor} as fast, {rate} instead of {base} in a second.",
            test=effect["test"],
            setting=labels()[effect["variant"]],
            factor=common.times(effect),
            rate=text.number(statistics.median(values(experiment, effect["variant"], effect["test"]))),
            base=text.number(_base(experiment, effect)),
        )
        for effect in told
    ]


def _likely(found: list[dict[str, Any]]) -> list[str]:
    """What seems to be the best setting for each test, where there are too few rounds to be certain."""
    faster = [
        e for e in found if e["verdict"] == tuning.UNCERTAIN and e["value"] > 1 and e["variant"] not in NOT_ADVISED
    ]
    best = {effect["test"]: effect for effect in reversed(faster)}
    return [
        say(
            "{test}: {setting} made the guest {factor} as fast, in too few rounds to be certain.",
            test=effect["test"],
            setting=labels()[effect["variant"]],
            factor=common.times(effect),
        )
        for effect in faster
        if effect is best[effect["test"]]
    ]


def _base(experiment: Experiment, effect: Mapping[str, Any]) -> float:
    return statistics.median(values(experiment, baseline_of(effect["test"]), effect["test"]))


def _ranked(experiment: Experiment, found: list[dict[str, Any]]) -> Table:
    """The effects, the largest first."""
    verdicts = {
        tuning.FASTER: say("faster"),
        tuning.SLOWER: say("slower"),
        tuning.NOISE: say("within noise"),
        tuning.UNCERTAIN: say("too few rounds to tell"),
    }
    rows = [
        [
            labels()[effect["variant"]],
            effect["test"],
            text.number(_base(experiment, effect)),
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
