# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Factors that multiply to a total, drawn as bars of which each begins where the one before ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import svg, text
from ..figure import figure, logarithmic
from ..languages import say


def waterfall(ladder: Mapping[str, Any], names: Sequence[str], total_name: str) -> str:
    """The C(steps) of the ladder, which are called so, and its C(total): equal lengths are equal factors."""
    steps, total = ladder["steps"], ladder["total"]
    rows = [f"{name}: {text.times(step['value'])}" for name, step in zip(names, steps)]
    rows.append(total_name)
    title = say("{test}: what the slow-down is made of", test=ladder["test"])

    def draw(axes: Any) -> None:
        start = 1.0
        for place, step in enumerate(steps):
            end = start * step["value"]
            axes.barh(place, end - start, left=start, height=0.28, color=svg.GUEST)
            if step["low"] is not None:
                ends = [start * step["low"], start * step["high"]]
                axes.plot(ends, [place, place], color=svg.INK, linewidth=1.2)
            axes.plot([end, end], [place, place + 1], color=svg.FAINT, linewidth=0.8)
            start = end
        axes.barh(len(steps), total["value"] - 1, left=1, height=0.28, color=svg.NATIVE)
        if total["low"] is not None:
            axes.plot([total["low"], total["high"]], [len(steps)] * 2, color=svg.INK, linewidth=1.2)
        reach = max([total["value"], total["high"] or 0, start, *(_ends(steps))])
        logarithmic(axes, min(0.8, *_ends(steps)), reach * 1.25)
        axes.set_xlabel(say("times slower than native (logarithmic), 95 % intervals"))

    return figure(rows, title, "; ".join(rows), draw)


def _ends(steps: Sequence[Mapping[str, Any]]) -> list[float]:
    """All places of the axis that the bars and their intervals reach."""
    found, start = [], 1.0
    for step in steps:
        found += [start * bound for bound in (step["low"], step["value"], step["high"]) if bound]
        start *= step["value"]
    return found
