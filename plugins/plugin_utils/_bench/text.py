# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Numbers as people read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

NOTHING = "–"
PERCENT = "\u00a0%"
"""With a space at which no line ends."""


def number(value: float | None) -> str:
    """Three to six digits that mean something: 8.51 M, 183,623, 213.4, 7.31, 0.0042."""
    if value is None:
        return NOTHING
    size = abs(value)
    if size >= 1e6:
        return f"{value / 1e6:,.2f}\u00a0M"
    if size >= 1000:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if size >= 0.1 or value == 0 else f"{value:.2g}"


def whole(value: float | None) -> str:
    """A count."""
    return NOTHING if value is None else f"{value:,.0f}"


def precise(value: float | None) -> str:
    """A time as exact as it was printed."""
    return NOTHING if value is None else f"{value:.4f}"


def share(value: float | None) -> str:
    """Percent with one decimal, more where it would be nothing: 16.2, 0.024."""
    if value is None:
        return NOTHING
    shown = 100 * value
    return f"{shown:.1f}" if abs(shown) >= 1 or value == 0 else f"{shown:.2g}"


def percent(value: float | None) -> str:
    """A share as percent."""
    return NOTHING if value is None else share(value) + PERCENT


def times(value: float | None) -> str:
    """A factor."""
    return NOTHING if value is None else f"{number(value)}×"


def interval(found: Mapping[str, Any] | None, show: Callable[[float], str] = number) -> str:
    """Low and high in brackets, nothing where there is none."""
    if not found:
        return ""
    between = " to " if found["low"] < 0 else "–"
    return f" [{show(found['low'])}{between}{show(found['high'])}]"


def count(amount: int, noun: str) -> str:
    """1 round, 2 rounds."""
    return f"{amount} {noun}{'' if amount == 1 else 's'}"


def listed(items: list[str]) -> str:
    """a, b and c."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)
