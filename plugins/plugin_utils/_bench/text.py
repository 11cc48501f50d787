# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Numbers as people read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .languages import known, language, say

_MARKS = {"en": {}, "id": str.maketrans(",.", ".,")}
"""What a language makes of the marks in English numbers."""

NOTHING = "–"
PERCENT = "\u00a0%"
"""With a space at which no line ends."""


def number(value: float | None) -> str:
    """Three to six digits that mean something: 8.51 M, 183,623, 213.4, 7.31, 0.0042."""
    if value is None:
        return NOTHING
    size = abs(value)
    if size >= 1e6:
        return say("{number}\u00a0M", number=written(f"{value / 1e6:,.2f}"))
    if size >= 1000:
        return written(f"{value:,.0f}")
    if size >= 10:
        return written(f"{value:.1f}")
    return written(f"{value:.2f}" if size >= 0.1 or value == 0 else f"{value:.2g}")


def written(digits: str) -> str:
    """Digits in English form with the marks of the language spoken now."""
    return digits.translate(_MARKS[language()])


def whole(value: float | None) -> str:
    """A count."""
    return NOTHING if value is None else written(f"{value:,.0f}")


def precise(value: float | None) -> str:
    """A time as exact as it was printed."""
    return NOTHING if value is None else written(f"{value:.4f}")


def share(value: float | None) -> str:
    """Percent with one decimal, more where it would be nothing: 16.2, 0.024."""
    if value is None:
        return NOTHING
    shown = 100 * value
    return written(f"{shown:.1f}" if abs(shown) >= 1 or value == 0 else f"{shown:.2g}")


def percent(value: float | None) -> str:
    """A share as percent."""
    return NOTHING if value is None else share(value) + PERCENT


def times(value: float | None) -> str:
    """A factor."""
    return NOTHING if value is None else f"{number(value)}×"


def between(low: str, high: str) -> str:
    """A range of two numbers that are written already; a dash would be read as a minus before a negative one."""
    return say("{low} to {high}", low=low, high=high) if low.startswith("-") else f"{low}–{high}"


def interval(found: Mapping[str, Any] | None, show: Callable[[float], str] = number) -> str:
    """Low and high in brackets, nothing where there is none."""
    return f" [{between(show(found['low']), show(found['high']))}]" if found else ""


def count(amount: int, noun: str) -> str:
    """1 round, 2 rounds. A language without such a plural translates the one C(noun)."""
    plural = "s" if language() == "en" and amount != 1 else ""
    return f"{whole(amount)} {known(noun)}{plural}"


def listed(items: list[str]) -> str:
    """a, b and c."""
    if len(items) < 2:
        return "".join(items)
    return say("{items} and {last}", items=", ".join(items[:-1]), last=items[-1])
