# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The sections of a comparison: what changed in the rounds or in an experiment, and what of the machines did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import shorten
from typing import Any

from . import boots, compare_experiments, statistics, svg, text
from .figure import figure
from .languages import say
from .metrics import named
from .section import chart, section
from .tables import CARDS, WORDS, table

BETTER, WORSE, SAME, UNCLEAR = "better", "worse", "no significant change", "inconclusive"
SIGNIFICANT = 1 - statistics.CONFIDENCE
LONGEST = 72
"""Letters of a name in a chart, which is that wide."""

Entry = dict[str, Any]
Pairs = Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]
"""Hypervisors of the report and of the first one."""


def words() -> dict[str, str]:
    """The verdicts as they are shown."""
    return {
        WORSE: say("worse"),
        BETTER: say("better"),
        SAME: say("no significant change"),
        UNCLEAR: say("inconclusive"),
    }


def changes(
    name: str,
    kind: str,
    entries: Sequence[Entry],
    pairs: Pairs,
    threshold: float,
) -> dict[str, Any]:
    """What changed in the rounds, or in an experiment."""
    return section(
        kind or "changes",
        compare_experiments.titles()[kind] if kind else say("What changed"),
        charts=[chart(_ratios(name, entries, threshold), _caption())] if entries else (),
        tables=[_table(entries), *(compare_experiments.beside(kind, pairs) if kind else ())],
        notes=[_method(threshold), *(compare_experiments.notes() if kind else _boots(pairs))],
    )


def _caption() -> str:
    return say("Ratio to the first report with its 95 % interval. In the band a change does not matter.")


def _boots(pairs: Pairs) -> list[str]:
    """What the rounds cannot see."""
    if not any(boots.count(hypervisor["results"]) == 1 for pair in pairs for hypervisor in pair):
        return []
    return [say("A report saw one boot of the guests only: a change may be no more than that of another boot.")]


def _method(threshold: float) -> str:
    return say(
        "Better and worse: a permutation test of the ranks gives a probability below {level} after Holm's correction,"
        " the 95 % bootstrap interval of the ratio leaves out 1, and the change is above {threshold}. No significant"
        " change: it is certain to be smaller than that. Inconclusive: more rounds are needed to tell.",
        level=text.number(SIGNIFICANT),
        threshold=text.percent(threshold),
    )


def _table(entries: Sequence[Entry]) -> dict[str, Any]:
    columns = [say("Metric"), say("Before"), say("Now"), say("Ratio"), say("Probability"), say("Verdict")]
    verdicts = words()
    rows = [
        [
            _name(entry),
            text.number(entry["base"]),
            text.number(entry["other"]),
            text.number(entry["ratio"]) + text.interval(entry if entry["low"] else None),
            text.number(entry["corrected"]),
            verdicts[entry["verdict"]],
        ]
        for entry in entries
    ]
    return table("", columns, rows, look=CARDS)


def _name(entry: Mapping[str, Any]) -> str:
    if entry["experiment"]:
        return f"{entry['test']}: {named(entry['label'], entry['unit'])}"
    return say(
        "{test} on {target}: {metric}",
        test=entry["test"],
        target=entry["target"],
        metric=named(entry["label"], entry["unit"]),
    )


def differing(differences: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """What else is different."""
    columns = [say("What"), say("Before"), say("Now")]
    rows = [[each["what"], each["base"], each["other"]] for each in differences]
    return section("environment", say("What else is different"), tables=[table("", columns, rows, look=WORDS)])


def _row(entry: Mapping[str, Any]) -> str:
    """What stands above an entry's mark. Of an experiment there is room for its name only."""
    if entry["experiment"]:
        return f"{entry['test']}: {entry['label']}"
    return f"{_name(entry)} ({words()[entry['verdict']]})"


def _ratios(name: str, entries: Sequence[Entry], threshold: float) -> str:
    names = [shorten(_row(entry), LONGEST, placeholder="…") for entry in entries]
    title = say("{report} beside the first report", report=name)
    description = "; ".join(f"{_name(entry)}: {text.number(entry['ratio'])}" for entry in entries)

    def draw(axes: Any) -> None:
        axes.axvspan(1 - threshold, 1 + threshold, color=svg.FAINT, alpha=0.2, linewidth=0)
        axes.axvline(1, color=svg.NATIVE, linewidth=1.5)
        for place, entry in enumerate(entries):
            if entry["low"]:
                axes.plot([entry["low"], entry["high"]], [place, place], color=svg.GUEST, linewidth=2.5)
            axes.plot(entry["ratio"], place, "o", color=svg.GUEST, markersize=6)
        bounds = [entry[key] for entry in entries for key in ("low", "ratio", "high") if entry[key]]
        reach = max(1 + 2 * threshold, *bounds, *(1 / bound for bound in bounds)) * 1.05
        axes.set_xscale("log")
        axes.set_xlim(1 / reach, reach)
        ticks = [tick for tick in (0.1, 0.2, 0.5, 0.8, 0.9, 1, 1.1, 1.25, 2, 5, 10) if 1 / reach <= tick <= reach]
        axes.set_xticks(ticks, [text.written(f"{tick:g}") for tick in ticks])
        axes.minorticks_off()
        axes.set_xlabel(say("ratio to the first report (logarithmic)"))

    return figure(names, title, description, draw)
