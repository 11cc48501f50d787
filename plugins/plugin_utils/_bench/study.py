# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The reference study: what somebody else measured once, and what was guessed about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import text
from .languages import known, say, told
from .metrics import named
from .section import section
from .tables import CARDS, Table, table


def in_words(study: Mapping[str, Any]) -> dict[str, Any]:
    """The study of a data file with its sentences in the language spoken now."""
    return {
        **{key: told(study[key]) for key in ("title", "setting", "source", "natives")},
        "metrics": [{**metric, "label": known(told(metric["label"]))} for metric in study["metrics"]],
        "causes": [{**cause, "cause": told(cause["cause"])} for cause in study.get("causes", [])],
    }


def section_of(study: Mapping[str, Any]) -> dict[str, Any]:
    """The study as C(in_words) gave it; what it did not measure or estimate stays empty."""
    return section(
        "study",
        say("Beside it: the reference study"),
        sentences=[f"{study['setting']}."],
        tables=[figures(study)],
        notes=[study["source"], say("Natives: {natives}", natives=study["natives"])],
    )


def figures(study: Mapping[str, Any]) -> Table:
    """Its figures."""
    columns = [
        say("Metric"),
        say("Guest"),
        say("Native (estimated)"),
        say("% of native"),
        say("Overhead"),
        say("Slow-down"),
    ]
    return table("", columns, [_row(entry) for entry in study["metrics"]], look=CARDS)


def _row(entry: Mapping[str, Any]) -> list[Any]:
    # Its own figures as they were printed; what is computed from them is rounded like all else.
    row = [f"{entry['test']}: {named(entry['label'], entry['unit'])}", text.written(f"{entry['guest']:,}")]
    if not entry.get("native"):
        return [*row, None, None, None, None]
    low, high = entry["native"]
    smallest, largest = entry["guest"] / high, entry["guest"] / low
    return [
        *row,
        text.between(text.number(low), text.number(high)),
        text.between(text.share(smallest), text.share(largest)) + text.PERCENT,
        text.between(text.share(1 - largest), text.share(1 - smallest)) + text.PERCENT,
        text.between(text.number(1 / largest), text.times(1 / smallest)),
    ]
