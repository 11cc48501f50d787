# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The sections that the rounds of a hypervisor fill; those of experiments are in C(sections)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import boot_to_boot, boots, charts, measurements, svg, tables, text
from .boot import boot, notes
from .collect import NATIVE
from .languages import say
from .machines import machines, substrates
from .samples import runs_of
from .section import chart, section

Section = dict[str, Any]


def cost(document: Mapping[str, Any], query: str, columns: Sequence[Mapping[str, str]]) -> Section:
    """What a reader asks first. C(query) and C(columns) choose what of the document it shows."""
    return section(
        "cost",
        say("What it costs"),
        tables=[tables.queried("", document, query, columns)],
        notes=[
            say(
                "Medians over the rounds, in brackets 95 % intervals. Overhead is 1 − guest/native of a rate; for"
                " latencies only the slow-down means something."
            ),
            *_one_boot(document),
            *_loopback([found["results"] for found in document["hypervisors"]]),
        ],
    )


def _one_boot(document: Mapping[str, Any]) -> list[str]:
    names = [found["name"] for found in document["hypervisors"] if boots.count(found["results"]) == 1]
    if not names:
        return []
    return [
        say(
            "The rounds on {hypervisors} saw one boot of the guests: how much another boot differs is not in the"
            " intervals.",
            hypervisors=text.listed(names),
        )
    ]


def _loopback(several: Sequence[Mapping[str, Any]]) -> list[str]:
    """Which network tests have a native that no network is between: where the hypervisor serves itself."""
    names = [
        test["name"]
        for results in several
        for test in results["settings"].get("tests", [])
        if test.get("tool") in ("iperf3", "ping")
        and not test.get("address")
        and test.get("server", NATIVE) == NATIVE
        and runs_of(results["runs"], test["name"], NATIVE)
    ]
    if not names:
        return []
    return [
        say(
            "Native of {tests} is the hypervisor talking to itself, over its loopback and not over a network: what a"
            " guest loses against it is the price of its network card and of the way to the hypervisor.",
            tests=text.listed(list(dict.fromkeys(names))),
        )
    ]


def before(conclusions: Sequence[str], warnings: Sequence[str]) -> list[Section]:
    """What stands before the experiments."""
    return [
        section("conclusions", say("Conclusions"), sentences=conclusions),
        section("warnings", say("Warnings"), sentences=warnings, warning=True),
    ]


def after(results: Mapping[str, Any], summary: Mapping[str, Any]) -> list[Section]:
    """The evidence, behind the experiments."""
    return [
        section("charts", say("Charts"), charts=_charts(summary), notes=_loopback([results])),
        *([boot_to_boot.section_of(summary["boots"])] if summary["boots"] else []),
        section("results", say("Results"), tables=measurements.measurements(results, summary)),
        section("machines", say("Machines"), tables=[machines(results), substrates(results)]),
        section(
            "boot",
            say("First boot"),
            tables=[boot(results)],
            notes=notes(results),
        ),
        section("commands", say("Commands"), tables=[measurements.commands(results)]),
        section("rounds", say("Every run"), tables=measurements.rounds(results), folded=True),
    ]


def _charts(summary: Mapping[str, Any]) -> list[dict[str, str]]:
    speed, spread = charts.speed(summary), charts.spread(summary)
    drawn = [
        (speed, say("How fast each target is: native is the line at 100 %. For latencies the share is native/target.")),
        (spread, say("Every round. The narrower the row, the more a small difference means.")),
    ]
    return [chart(element, caption) for element, caption in drawn if element]


def shown(found: Section) -> Section | None:
    """The section without tables that have no rows; None where nothing is left to show."""
    kept = {**found, "tables": [each for each in found["tables"] if each["rows"]]}
    return kept if kept["tables"] or kept["charts"] or kept["sentences"] else None


def placed(found: Section, hypervisor: str, prefix: str) -> Section:
    """The section with its place in the page: no two hypervisors share an anchor."""
    return {
        **found,
        "hypervisor": hypervisor,
        "anchor": prefix + found["name"],
        "tables": [_placed(each, prefix) for each in found["tables"]],
        "charts": [{**each, "svg": svg.prefixed(each["svg"], prefix)} for each in found["charts"]],
    }


def _placed(found: tables.Table, prefix: str) -> tables.Table:
    return {
        **found,
        "anchor": found["anchor"] and prefix + found["anchor"],
        "links": [link and prefix + link for link in found["links"]],
    }
