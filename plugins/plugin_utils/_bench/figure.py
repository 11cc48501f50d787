# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A chart of named rows below each other, which also a narrow screen has room for."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from . import svg, text
from .libraries import library

WIDTH, ROW = 5.4, 0.42
"""Inches. A telephone shows the chart smaller, and the letters must stay readable."""


def figure(names: Sequence[str], title: str, description: str, draw: Callable[[Any], None]) -> str:
    """The chart as an C(<svg>) element: C(draw) is given the axes, where row C(n) lies at height C(n)."""
    matplotlib = library("matplotlib")
    matplotlib.use("Agg")
    figures = library("matplotlib.figure")
    with matplotlib.rc_context({**svg.STYLE, "svg.hashsalt": title}):
        drawn = figures.Figure(figsize=(WIDTH, ROW * len(names) + 0.75), layout="constrained")
        axes = drawn.subplots()
        draw(axes)
        for place, name in enumerate(names):
            axes.text(0, place - 0.33, name, transform=axes.get_yaxis_transform(), va="center", ha="left")
        axes.set_ylim(len(names) - 0.4, -0.75)
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
