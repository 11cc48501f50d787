# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A guest inside the guest: the factor of nesting beside that of the guest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import nesting, subjects, text
from ..languages import known, say
from ..metrics import named
from ..section import chart, section
from ..tables import Table, table
from . import common, waterfall


def sections_of(results: Mapping[str, Any], summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The section; none where no guest was nested, or none of its tests ran on all three."""
    found = nesting.ladders(results, summary)
    if not found:
        return []
    about = subjects.nested_of(results)
    return [
        section(
            "nesting",
            say("A guest inside the guest"),
            sentences=[_sentence(ladder, about["guest"]) for ladder in found],
            charts=[
                chart(
                    _waterfall(ladder, about),
                    say("{test}: each bar multiplies what is left of it.", test=ladder["test"]),
                )
                for ladder in found
            ],
            tables=[*(_table(ladder, about) for ladder in found), *_failed(about)],
            notes=_notes(found, about),
        )
    ]


def _sentence(ladder: Mapping[str, Any], guest: str) -> str:
    outer, inner = ladder["steps"]
    return say(
        "{test}: nesting costs {factor}: the guest inside {guest} is that much slower than {guest}, which is {outer}"
        " slower than native; together {total}.",
        test=ladder["test"],
        factor=common.times(inner),
        guest=guest,
        outer=common.times(outer),
        total=common.times(ladder["total"]),
    )


def _names(about: Mapping[str, Any]) -> list[str]:
    return [
        say("virtualization: {guest}", guest=about["guest"]),
        say("nesting: a guest inside {guest}", guest=about["guest"]),
    ]


def _table(ladder: Mapping[str, Any], about: Mapping[str, Any]) -> Table:
    medians = ladder["medians"]
    rows: list[list[Any]] = [
        [name, text.number(medians[step["to"]]), common.times(step)]
        for name, step in zip(_names(about), ladder["steps"])
    ]
    rows.append([say("all factors together"), None, common.times(ladder["total"])])
    native = text.number(medians["native"])
    return table(
        say("{test}: factors, from native {native}", test=ladder["test"], native=f"{native} {known(ladder['unit'])}"),
        [say("Factor"), named(say("median"), ladder["unit"]), say("Slow-down")],
        rows,
    )


def _failed(about: Mapping[str, Any]) -> list[Table]:
    rows = [[text.whole(failure["round"]), failure["reason"]] for failure in about["failures"]]
    return [table(say("Boots that failed"), [say("Round"), say("Why")], rows)] if rows else []


def _notes(ladders: Sequence[Mapping[str, Any]], about: Mapping[str, Any]) -> list[str]:
    found = [
        say(
            "The guest inside {guest} runs under {by} (QEMU {version}): {reason}",
            guest=about["guest"],
            by=about["accelerator"].upper(),
            version=about["qemu"],
            reason=about["accelerator_reason"],
        ),
        say(
            "It took part in {rounds} rounds, as the last of each. Each is a boot of its own, of {seconds} s at most,"
            " in which it runs all its tests. They do not decide when the rounds end.",
            rounds=max(ladder["rounds"] for ladder in ladders),
            seconds=text.number(max(about["boot_s"])),
        ),
    ]
    if not all(ladder["exact"] for ladder in ladders):
        found.append(
            say("These are too few for an exact interval: the intervals of nesting are bootstrapped and too narrow.")
        )
    return found


def _waterfall(ladder: Mapping[str, Any], about: Mapping[str, Any]) -> str:
    total = say("together: {factor}", factor=text.times(ladder["total"]["value"]))
    return waterfall.waterfall(ladder, _names(about), total)
