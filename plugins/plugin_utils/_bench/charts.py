# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The report's charts: how fast the guest is beside native, and how much the rounds vary."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import svg, text
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
    title = "How fast the guest is, native = 100 %"
    description = "; ".join(f"{entry['name']}: {_spoken(entry)}" for entry in entries)

    def draw(axes: Any) -> None:
        axes.set_xscale("log")
        axes.axvline(100, color=svg.NATIVE, linewidth=1.5)
        for place, entry in enumerate(entries):
            _row(axes, place, entry["name"])
            if entry["low"] is not None:
                axes.plot([entry["low"], entry["high"]], [place, place], color=svg.GUEST, linewidth=2.5)
            axes.plot(entry["value"], place, "o", color=svg.GUEST, markersize=6)
        bounds = [entry[key] for entry in entries for key in ("low", "value", "high") if entry[key]]
        low, high = min([*bounds, 50]) * 0.75, max([*bounds, 100]) * 1.35
        axes.set_xlim(low, high)
        ticks = [tick for tick in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if low <= tick <= high]
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.set_xlabel("% of native's speed (logarithmic), 95 % intervals")

    return _figure(len(entries), title, description, draw)


def spread(summary: Mapping[str, Any]) -> str:
    """Every round of each test's headline metric, as the deviation from its own target's median."""
    metrics = [metric for metric in summary["metrics"] if metric["headline"]]
    if not metrics:
        return ""
    title = "How much the rounds differ from their median"
    rows = [_deviations(metric, summary) for metric in metrics]
    description = "; ".join(
        f"{row['name']}: {text.count(len(row['values']), 'round')} from {min(row['values']):+.1f} % to"
        f" {max(row['values']):+.1f} %"
        for row in rows
    )

    def draw(axes: Any) -> None:
        axes.axvline(0, color=svg.FAINT, linewidth=1)
        for place, row in enumerate(rows):
            _row(axes, place, row["name"])
            colour, marker = (svg.NATIVE, "s") if row["native"] else (svg.GUEST, "o")
            if row["low"] is not None:
                axes.plot([row["low"], row["high"]], [place, place], color=colour, linewidth=2.5, alpha=0.45)
            axes.plot(row["values"], [place] * len(row["values"]), marker, color=colour, markersize=4.5, alpha=0.75)
        reach = max(1.0, *(abs(value) for row in rows for value in row["values"])) * 1.15
        axes.set_xlim(-reach, reach)
        axes.set_xlabel("% from the median; line: 95 % interval of the median")

    return _figure(len(rows), title, description, draw)


def _figure(rows: int, title: str, description: str, draw: Callable[[Any], None]) -> str:
    matplotlib = library("matplotlib")
    matplotlib.use("Agg")
    figures = library("matplotlib.figure")
    with matplotlib.rc_context({**svg.STYLE, "svg.hashsalt": title}):
        figure = figures.Figure(figsize=(WIDTH, ROW * rows + 0.75), layout="constrained")
        axes = figure.subplots()
        draw(axes)
        axes.set_ylim(rows - 0.4, -0.75)
        axes.set_yticks([])
        axes.grid(axis="x", color=svg.FAINT, alpha=0.3, linewidth=0.7)
        axes.set_axisbelow(True)
        return svg.element(figure, title, description)


def _row(axes: Any, place: int, name: str) -> None:
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
    bounds = "" if entry["low"] is None else f", {text.number(entry['low'])} to {text.number(entry['high'])} %"
    return f"{text.number(entry['value'])} %{bounds}"


def _deviations(metric: Mapping[str, Any], summary: Mapping[str, Any]) -> dict[str, Any]:
    natives: Sequence[str] = [entry["native"]["target"] for entry in summary["comparisons"]]
    found = metric["interval"] or {"low": None, "high": None}
    return {
        "name": f"{metric['test']} on {metric['target']}: {text.number(metric['median'])} {metric['unit']}",
        "native": metric["target"] in natives,
        "values": [_deviation(value, metric["median"]) for value in metric["values"]],
        "low": None if found["low"] is None else _deviation(found["low"], metric["median"]),
        "high": None if found["high"] is None else _deviation(found["high"], metric["median"]),
    }


def _deviation(value: float, middle: float) -> float:
    return 100 * (value / middle - 1)
