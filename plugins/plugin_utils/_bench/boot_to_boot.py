# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""From boot to boot, beside from round to round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import boots, text
from .languages import known, say
from .section import section
from .tables import Table, table

Entries = Sequence[Mapping[str, Any]]


def section_of(entries: Entries) -> dict[str, Any]:
    """What C(boots.boots) found; nothing to show where there was one boot."""
    return section(
        "boots",
        say("From boot to boot"),
        sentences=sentences(entries),
        tables=[_table(entries)],
        notes=[
            say(
                "Each boot is a new start of the guests. Spreads are coefficients of variation: of the boots' medians,"
                " and of the rounds within a boot (median over the boots)."
            ),
            say(
                "Boots differ where a permutation test of the ranks gives a probability below {level} after Holm's"
                " correction, and does so too for the ratios to native in the same rounds. Where it does not for these,"
                " the machine changed meanwhile, not the boot.",
                level=text.number(boots.SIGNIFICANT),
            ),
        ],
    )


def sentences(entries: Entries) -> list[str]:
    """What was found, first in short; none where there was one boot."""
    if not entries:
        return []
    guests = [entry for entry in entries if entry["target"] != boots.NATIVE]
    differ = [entry for entry in guests if entry["verdict"] == boots.DIFFER]
    drift = [entry for entry in guests if entry["verdict"] == boots.DRIFT]
    number = max(len(entry["boots"]) for entry in entries)
    found = [_in_short(number, guests, differ), *map(_difference, differ)]
    if drift:
        found.append(
            say(
                "From boot to boot {metrics} changed as native did in the same rounds: that is the machine, not the"
                " boot.",
                metrics=text.listed([_name(entry) for entry in drift]),
            )
        )
    return found


def _in_short(number: int, guests: Entries, differ: Entries) -> str:
    if not differ:
        return say(
            "Over {boots} boots, nothing on the guests differs more from boot to boot than from round to round.",
            boots=number,
        )
    return say(
        "Over {boots} boots, {some} of {all} medians differ more from boot to boot than from round to round:"
        " {metrics}.",
        boots=number,
        some=len(differ),
        all=len(guests),
        metrics=text.listed([_name(entry) for entry in differ]),
    )


def _difference(entry: Mapping[str, Any]) -> str:
    medians = [boot["median"] for boot in entry["boots"]]
    return say(
        "{metric}: the boots' medians go from {low} to {high} {unit}, a spread of {between} between boots and of"
        " {within} within one.",
        metric=_name(entry),
        low=text.number(min(medians)),
        high=text.number(max(medians)),
        unit=known(entry["unit"]),
        between=text.percent(entry["between"]),
        within=text.percent(entry["within"]),
    )


def _name(entry: Mapping[str, Any]) -> str:
    return say("{test} on {target}", test=entry["test"], target=entry["target"])


def _table(entries: Entries) -> Table:
    numbers = sorted({boot["boot"] for entry in entries for boot in entry["boots"]})
    columns = [
        say("Median"),
        *(say("Boot {number}", number=number) for number in numbers),
        say("Spread between boots"),
        say("Spread within a boot"),
        say("Probability"),
        say("Verdict"),
    ]
    return table("", columns, [_row(entry, numbers) for entry in entries])


def _row(entry: Mapping[str, Any], numbers: Sequence[int]) -> list[str | None]:
    by_number = {boot["boot"]: boot for boot in entry["boots"]}
    words = {
        boots.DIFFER: say("boots differ"),
        boots.DRIFT: say("the machine changed"),
        boots.SAME: say("no difference shown"),
    }
    cells = [by_number.get(number) for number in numbers]
    return [
        f"{_name(entry)}, {known(entry['unit'])}",
        *(f"{text.number(cell['median'])}{text.interval(cell['interval'])}" if cell else None for cell in cells),
        text.percent(entry["between"]),
        text.percent(entry["within"]),
        text.number(entry["corrected"]),
        words[entry["verdict"]],
    ]
