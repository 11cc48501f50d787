# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The report's charts: how fast each target is beside native, and how much the rounds vary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import svg, text
from .figure import figure, logarithmic
from .languages import known, say
from .metrics import HIGHER


def speed(summary: Mapping[str, Any]) -> str:
    """Each target's speed as a share of native's for each metric, with intervals, on a logarithmic axis."""
    entries = [{"name": entry["name"], **_speed(entry)} for entry in summary["comparisons"]]
    if not entries:
        return ""
    title = say("How fast each target is, native = 100 %")
    description = "; ".join(f"{entry['name']}: {_spoken(entry)}" for entry in entries)

    def draw(axes: Any) -> None:
        axes.axvline(100, color=svg.NATIVE, linewidth=1.5)
        for place, entry in enumerate(entries):
            if entry["low"] is not None:
                axes.plot([entry["low"], entry["high"]], [place, place], color=svg.GUEST, linewidth=2.5)
            axes.plot(entry["value"], place, "o", color=svg.GUEST, markersize=6)
        bounds = [entry[key] for entry in entries for key in ("low", "value", "high") if entry[key]]
        low, high = min([*bounds, 50]) * 0.75, max([*bounds, 100]) * 1.35
        logarithmic(axes, low, high)
        axes.set_xlabel(say("% of native's speed (logarithmic), 95 % intervals"))

    return figure([entry["name"] for entry in entries], title, description, draw)


def spread(summary: Mapping[str, Any]) -> str:
    """Every round of each test's headline metric, as the deviation from its own target's median."""
    metrics = [metric for metric in summary["metrics"] if metric["headline"]]
    if not metrics:
        return ""
    title = say("How much the rounds differ from their median")
    rows = [_deviations(metric, summary) for metric in metrics]
    description = "; ".join(
        say(
            "{row}: {rounds} from {low} % to {high} %",
            row=row["name"],
            rounds=text.count(len(row["values"]), "round"),
            low=text.written(f"{min(row['values']):+.1f}"),
            high=text.written(f"{max(row['values']):+.1f}"),
        )
        for row in rows
    )

    def draw(axes: Any) -> None:
        axes.axvline(0, color=svg.FAINT, linewidth=1)
        for place, row in enumerate(rows):
            colour, marker = (svg.NATIVE, "s") if row["native"] else (svg.GUEST, "o")
            if row["low"] is not None:
                axes.plot([row["low"], row["high"]], [place, place], color=colour, linewidth=2.5, alpha=0.45)
            axes.plot(row["values"], [place] * len(row["values"]), marker, color=colour, markersize=4.5, alpha=0.6)
            axes.plot(0, place, "|", color=svg.INK, markersize=11, markeredgewidth=1.6)
        reach = max(1.0, *(abs(value) for row in rows for value in row["values"])) * 1.15
        axes.set_xlim(-reach, reach)
        axes.xaxis.set_major_formatter(lambda value, _place: text.written(f"{value:g}"))
        axes.set_xlabel(say("% from the median (upright stroke); line: 95 % interval of the median"))

    return figure([row["name"] for row in rows], title, description, draw)


def _speed(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Percent of native's speed: for latencies, where less is better, the inverse ratio."""
    ratio = entry["ratio"]
    if entry["better"] == HIGHER:
        return {key: None if ratio[key] is None else 100 * ratio[key] for key in ("value", "low", "high")}
    turned = {"value": ratio["value"], "low": ratio["high"], "high": ratio["low"]}
    return {key: None if value is None else 100 / value for key, value in turned.items()}


def _spoken(entry: Mapping[str, Any]) -> str:
    bounds = (
        "" if entry["low"] is None else f", {text.between(text.number(entry['low']), text.number(entry['high']))} %"
    )
    return f"{text.number(entry['value'])} %{bounds}"


def _deviations(metric: Mapping[str, Any], summary: Mapping[str, Any]) -> dict[str, Any]:
    natives: Sequence[str] = [entry["native"]["target"] for entry in summary["comparisons"]]
    found = metric["interval"] or {"low": None, "high": None}
    return {
        "name": say(
            "{test} on {target}: {median} {unit}",
            test=metric["test"],
            target=metric["target"],
            median=text.number(metric["median"]),
            unit=known(metric["unit"]),
        ),
        "native": metric["target"] in natives,
        "values": [_deviation(value, metric["median"]) for value in metric["values"]],
        "low": None if found["low"] is None else _deviation(found["low"], metric["median"]),
        "high": None if found["high"] is None else _deviation(found["high"], metric["median"]),
    }


def _deviation(value: float, middle: float) -> float:
    return 100 * (value / middle - 1)
