# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The report's charts: how fast the guest is beside native, and how much the rounds vary."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import svg, text
from .languages import known, say
from .libraries import library
from .metrics import HIGHER

WIDTH = 5.4
"""Inches. A telephone shows the chart smaller, and the letters must stay readable."""
ROW = 0.42


def speed(summary: Mapping[str, Any]) -> str:
    """The guest's speed as a share of native's for each metric, with intervals, on a logarithmic axis."""
    entries = [{"name": entry["name"], **_speed(entry)} for entry in summary["comparisons"]]
    if not entries:
        return ""
    title = say("How fast the guest is, native = 100 %")
    description = "; ".join(f"{entry['name']}: {_spoken(entry)}" for entry in entries)

    def draw(axes: Any) -> None:
        axes.axvline(100, color=svg.NATIVE, linewidth=1.5)
        for place, entry in enumerate(entries):
            name_row(axes, place, entry["name"])
            if entry["low"] is not None:
                axes.plot([entry["low"], entry["high"]], [place, place], color=svg.GUEST, linewidth=2.5)
            axes.plot(entry["value"], place, "o", color=svg.GUEST, markersize=6)
        bounds = [entry[key] for entry in entries for key in ("low", "value", "high") if entry[key]]
        low, high = min([*bounds, 50]) * 0.75, max([*bounds, 100]) * 1.35
        logarithmic(axes, low, high)
        axes.set_xlabel(say("% of native's speed (logarithmic), 95 % intervals"))

    return figure(len(entries), title, description, draw)


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
            name_row(axes, place, row["name"])
            colour, marker = (svg.NATIVE, "s") if row["native"] else (svg.GUEST, "o")
            if row["low"] is not None:
                axes.plot([row["low"], row["high"]], [place, place], color=colour, linewidth=2.5, alpha=0.45)
            axes.plot(row["values"], [place] * len(row["values"]), marker, color=colour, markersize=4.5, alpha=0.6)
            axes.plot(0, place, "|", color=svg.INK, markersize=11, markeredgewidth=1.6)
        reach = max(1.0, *(abs(value) for row in rows for value in row["values"])) * 1.15
        axes.set_xlim(-reach, reach)
        axes.xaxis.set_major_formatter(lambda value, _place: text.written(f"{value:g}"))
        axes.set_xlabel(say("% from the median (upright stroke); line: 95 % interval of the median"))

    return figure(len(rows), title, description, draw)


def figure(rows: int, title: str, description: str, draw: Callable[[Any], None]) -> str:
    """A chart of C(rows), each with its name above it, that C(draw) puts on the axes."""
    matplotlib = library("matplotlib")
    matplotlib.use("Agg")
    figures = library("matplotlib.figure")
    with matplotlib.rc_context({**svg.STYLE, "svg.hashsalt": title}):
        drawn = figures.Figure(figsize=(WIDTH, ROW * rows + 0.75), layout="constrained")
        axes = drawn.subplots()
        draw(axes)
        axes.set_ylim(rows - 0.4, -0.75)
        axes.set_yticks([])
        axes.grid(axis="x", color=svg.FAINT, alpha=0.3, linewidth=0.7)
        axes.set_axisbelow(True)
        return svg.element(drawn, title, description)


def logarithmic(axes: Any, low: float, high: float) -> None:
    """A logarithmic axis from C(low) to C(high), with ticks that people read."""
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    steps = (1, 2, 5) if high / low < 1000 else (1,)
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [step * 10.0**decade for decade in decades for step in steps]
    shown = [tick for tick in ticks if low <= tick <= high]
    axes.set_xticks(shown, [text.written(f"{tick:g}" if tick < 1000 else f"{tick:,.0f}") for tick in shown])
    axes.minorticks_off()


def name_row(axes: Any, place: int, name: str) -> None:
    """The row's name above it, where a narrow chart has room for it."""
    axes.text(0, place - 0.33, name, transform=axes.get_yaxis_transform(), va="center", ha="left")


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
