# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Guests that share processors: what each gets, how fairly, and what a neighbour takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import contention, svg, text
from ..experiments import contention as design
from ..experiments.values import Experiment
from ..figure import figure
from ..languages import say
from ..section import chart, section
from ..tables import Table, table
from . import common


def labels(experiment: Experiment) -> dict[str, str]:
    """The names of the variants."""
    found = {
        "noisy": say("beside a noisy neighbour"),
        "apart": say("each on CPUs of its own"),
        "polite": say("the neighbour with niceness 19"),
        "equal": say("on one CPU, with equal shares"),
        "favoured": say("on one CPU, with an eighth of the shares"),
    }
    for variant in experiment["variants"]:
        kind, _line, amount = variant["name"].partition("_")
        if kind == "guests":
            found[variant["name"]] = _amount(amount)
        elif kind == "pinned":
            found[variant["name"]] = say("{amount} guests, each pinned", amount=amount)
        elif kind == "quota":
            quota = text.percent(design.QUOTA / 100)
            found[variant["name"]] = say("{guests}, {quota} of a CPU for each", guests=_amount(amount), quota=quota)
    return found


def _amount(many: str) -> str:
    return say("1 guest") if many == "1" else say("{amount} guests", amount=many)


def section_of(experiment: Experiment, study: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The section."""
    rows, losses = contention.shared(experiment), contention.isolation(experiment)
    limits = contention.limits(experiment)
    names = labels(experiment)
    charts = [chart(_chart(rows, names), say("Events in a second: each dot is a guest, the bar is all of them."))]
    return section(
        "contention",
        say("Several guests at once"),
        sentences=[
            *_shared(rows, names),
            *(
                say(
                    "{name}: a guest loses {loss} of what it does alone.",
                    name=names[loss["variant"]],
                    loss=text.percent(loss["loss"]) + text.interval(loss["interval"], text.percent),
                )
                for loss in losses
            ),
            *_broken(limits, names),
        ],
        charts=charts if rows else [],
        tables=[
            _table(rows, names),
            *([_losses(losses, names)] if losses else []),
            *([_limits(limits, names)] if limits else []),
            *common.not_run(experiment, names),
        ],
        notes=[
            *common.method(experiment),
            say("Fairness is Jain's index: 1 where all guests get the same, less where some get more."),
            say("Waiting is what the host's scheduler says of QEMU's threads: a guest under TCG cannot see it itself."),
            *_promised(limits),
        ],
    )


def _shared(rows: list[dict[str, Any]], names: Mapping[str, str]) -> list[str]:
    if len(rows) < 2:
        return []
    best, crowd = max(rows, key=lambda row: row["total"]), max(rows, key=lambda row: row["guests"])
    return [
        say(
            "{most} together do {factor} what one does alone; the fairness of {last} is {fairness}.",
            most=names[best["variant"]],
            factor=text.times(best["total"] / rows[0]["total"]),
            last=names[crowd["variant"]],
            fairness=text.number(crowd["fairness"]),
        )
    ]


def _table(rows: list[dict[str, Any]], names: Mapping[str, str]) -> Table:
    cells = [
        [
            names[row["variant"]],
            ", ".join(text.number(rate) for rate in row["each"]),
            text.number(row["total"]) + text.interval(row["total_interval"]),
            text.number(row["fairness"]),
            None if row["wait_percent"] is None else text.percent(row["wait_percent"] / 100),
        ]
        for row in rows
    ]
    columns = [say("Guests"), say("Each, events/s"), say("Total, events/s"), say("Fairness"), say("Waiting")]
    return table(say("The same work in several guests"), columns, cells)


def _losses(losses: list[dict[str, Any]], names: Mapping[str, str]) -> Table:
    rows = [
        [names[loss["variant"]], text.percent(loss["loss"]) + text.interval(loss["interval"], text.percent)]
        for loss in losses
    ]
    return table(say("What a neighbour takes"), [say("Neighbour"), say("Loss against being alone")], rows)


def _limits(limits: list[dict[str, Any]], names: Mapping[str, str]) -> Table:
    rows = [
        [
            names[limit["variant"]],
            text.percent(limit["asked"] / 100),
            _measured(limit),
            say("holds") if limit["holds"] else say("does not hold"),
        ]
        for limit in limits
    ]
    columns = [say("Limit"), say("Asked"), say("Measured"), say("Verdict")]
    return table(say("What limits of processor time do"), columns, rows)


def _measured(limit: Mapping[str, Any]) -> str:
    return ", ".join(text.percent(value / 100) for value in limit["measured"])


def _broken(limits: list[dict[str, Any]], names: Mapping[str, str]) -> list[str]:
    return [
        say(
            "{name}: the limit does not hold, {measured} of a CPU instead of {asked}.",
            name=names[limit["variant"]],
            measured=_measured(limit),
            asked=text.percent(limit["asked"] / 100),
        )
        for limit in limits
        if not limit["holds"]
    ]


def _promised(limits: list[dict[str, Any]]) -> list[str]:
    """What was asked and how it was measured, where anything was."""
    if not limits:
        return []
    return [
        say(
            "Limits are of control groups, while a test runs; in percent of a CPU, how long the threads of virtual CPUs"
            " ran. Shares tell what part of a CPU the first guest gets, not what the other does later. A limit holds"
            " within {tolerance} of what was asked.",
            tolerance=text.percent(contention.HOLDS[1] - 1),
        )
    ]


def _chart(rows: list[dict[str, Any]], names: Mapping[str, str]) -> str:
    titles = [f"{names[row['variant']]}: {text.number(row['total'])}" for row in rows]

    def draw(axes: Any) -> None:
        for place, row in enumerate(rows):
            axes.barh(place, row["total"], height=0.28, color=svg.NATIVE, alpha=0.45)
            axes.plot(row["each"], [place] * len(row["each"]), "o", color=svg.GUEST, markersize=5)
        axes.set_xlim(left=0)
        axes.set_xlabel(say("events in a second"))

    return figure(titles, say("What guests get that share processors"), "; ".join(titles), draw)
