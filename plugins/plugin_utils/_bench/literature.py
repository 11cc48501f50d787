# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Published figures beside what was measured here: below, within or above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import subjects, svg, text
from .collect import NATIVE
from .figure import figure as drawn
from .figure import logarithmic
from .languages import say, told
from .nested import NESTED
from .section import chart, section
from .tables import WORDS, table

BELOW, WITHIN, ABOVE = "below", "within", "above"
_LEAST = 0.03
"""The smallest factor shown above 1: on a logarithmic axis a figure must have a width to be seen."""

Figures = Sequence[Mapping[str, Any]]


def section_of(literature: Figures, results: Mapping[str, Any], summary: Mapping[str, Any]) -> dict[str, Any]:
    """The figures about the tests that ran here, the same accelerator first; all where nothing was compared."""
    points = _points(results, summary)
    entries = [_beside(figure, points) for figure in literature]
    about = [entry for entry in entries if entry["points"]] or entries
    about.sort(key=lambda entry: (not entry["places"], str(entry["accelerator"])))
    return section(
        "literature",
        say("Literature beside the measurement"),
        sentences=_sentences(about, points),
        charts=[chart(_bands(about, points), _caption())] if any(entry["slow_down"] for entry in about) else (),
        tables=[_table(about)],
        notes=[
            say(
                "Overheads are turned into slow-downs, 1/(1 − overhead). Below, within and above say where the 95 %"
                " interval measured here lies: wholly on one side of the published figures, or not. Only figures of the"
                " same kind of guest, measured against native, are judged."
            )
        ],
    )


def _points(results: Mapping[str, Any], summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was measured: the slow-down of each test's headline."""
    kinds = {test["name"]: _kind(test) for test in results["settings"].get("tests", [])}
    return [
        {
            "name": entry["name"],
            "test": entry["test"],
            "kind": kinds.get(entry["test"], entry["test"]),
            "accelerator": _accelerator(results, entry),
            **entry["slow_down"],
        }
        for entry in summary["comparisons"]
        if entry["headline"]
    ]


def _kind(test: Mapping[str, Any]) -> str:
    """What the figures call a test: of sysbench by its name, of other tools by the tool; random access by its own."""
    kind = str(test.get("test") or test.get("tool") or test["name"])
    access = str(test.get("rw") or test.get("file_test_mode") or "")
    return f"random {kind}" if access.startswith(("rand", "rnd")) else kind


def _accelerator(results: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    """What the figures call it: a guest's accelerator, and for others what they are.

    Published nesting is KVM in KVM; where one of the two is emulated there is no figure.
    """
    if entry["kind"] == "guest":
        return subjects.accelerator_of(results, entry["guest"]["target"]).lower()
    if entry["kind"] == NESTED:
        about = subjects.nested_of(results)
        both = {about["accelerator"].upper(), subjects.accelerator_of(results, about["guest"])}
        return NESTED if both == {"KVM"} else "nested, emulated"
    return str(entry["kind"])


def slow_down(figure: Mapping[str, Any]) -> tuple[float, float] | None:
    """The published range as a factor; None where it is no cost against native."""
    low, high = figure["value"]
    if figure.get("baseline", NATIVE) != NATIVE:
        return None
    if figure["kind"] == "slow_down":
        return float(low), float(high)
    if figure["kind"] == "overhead_percent":
        return 1 / (1 - low / 100), 1 / (1 - high / 100)
    return None


def place_of(point: Mapping[str, Any], low: float, high: float) -> str:
    """Where a measured slow-down lies, by its interval where it has one."""
    smallest = point["value"] if point["low"] is None else point["low"]
    largest = point["value"] if point["high"] is None else point["high"]
    return BELOW if largest < low else ABOVE if smallest > high else WITHIN


def _beside(figure: Mapping[str, Any], points: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    about = [point for point in points if point["kind"] in figure["tests"]]
    found = slow_down(figure)
    same = [point for point in about if found and point["accelerator"] == figure["accelerator"]]
    return {
        **figure,
        "slow_down": found,
        "points": about,
        "places": {point["name"]: place_of(point, *found) for point in same} if found else {},
    }


def _sentences(entries: Figures, points: Sequence[Mapping[str, Any]]) -> list[str]:
    """For each measured value, how it stands to the figures of its kind."""
    found = []
    for point in points:
        places = [entry["places"][point["name"]] for entry in entries if point["name"] in entry["places"]]
        if places:
            sentence = say(
                "{metric}: native is {times} as fast here, which is within {within}, above {above} and below {below} of"
                " the {all} published figures for its kind.",
                metric=point["name"],
                times=text.times(point["value"]),
                within=places.count(WITHIN),
                above=places.count(ABOVE),
                below=places.count(BELOW),
                all=len(places),
            )
            found.append(sentence)
    return found


def _caption() -> str:
    return say(
        "Bands: published figures, faint where they are about another kind of guest. Points with intervals:"
        " measured here."
    )


def _bands(entries: Figures, points: Sequence[Mapping[str, Any]]) -> str:
    rows = [entry for entry in entries if entry["slow_down"]]
    names = [f"{str(row['accelerator']).upper()}: {told(row['setting'])}" for row in rows]
    title = say("Published slow-downs and those measured here")
    description = "; ".join(f"{told(row['setting'])}: {_range(row)}" for row in rows)

    def draw(axes: Any) -> None:
        for place, row in enumerate(rows):
            low, high = row["slow_down"]
            same = bool(row["places"])
            colour = svg.NATIVE if same else svg.FAINT
            axes.plot(
                [low, max(high, low * (1 + _LEAST))],
                [place, place],
                color=colour,
                linewidth=9,
                alpha=0.45,
                solid_capstyle="butt",
            )
            for point in row["points"] if same else ():
                if point["low"] is not None:
                    axes.plot([point["low"], point["high"]], [place, place], color=svg.GUEST, linewidth=2.5)
                axes.plot(point["value"], place, "o", color=svg.GUEST, markersize=5)
        bounds = [bound for row in rows for bound in row["slow_down"]]
        bounds += [point[key] for point in points for key in ("low", "value", "high") if point[key]]
        logarithmic(axes, min([*bounds, 1]) * 0.85, max(bounds) * 1.25)
        axes.set_xlabel(say("times slower than native (logarithmic)"))

    return drawn(names, title, description, draw)


def _range(entry: Mapping[str, Any]) -> str:
    """As it was published, in its own unit."""
    low, high = (text.written(f"{bound:g}") for bound in entry["value"])
    value = low if low == high else text.between(low, high)
    return {
        "slow_down": say("{value}× slower", value=value),
        "overhead_percent": say("{value}\u00a0% overhead", value=value),
        "share_percent": say("{value}\u00a0% of the time", value=value),
        "speed_up": say("{value}× faster", value=value),
        "seconds": say("{value}\u00a0s", value=value),
    }[entry["kind"]]


def _table(entries: Figures) -> dict[str, Any]:
    columns = [
        say("Setting"),
        say("Published"),
        say("Measured here"),
        say("Source"),
        say("Keep in mind"),
    ]
    return table("", columns, [_row(entry) for entry in entries], look=WORDS)


def _row(entry: Mapping[str, Any]) -> list[str]:
    source, year = told(entry["source"]), entry["year"]
    dated = f"{source} ({year})" if year and str(year) not in source else source
    return [
        f"{str(entry['accelerator']).upper()}: {told(entry['setting'])}",
        _range(entry),
        "; ".join(
            _measured(point, place) for point in entry["points"] if (place := entry["places"].get(point["name"]))
        ),
        f"{dated}; {told(entry['look_up'])}",
        told(entry["caveat"]),
    ]


def _measured(point: Mapping[str, Any], place: str) -> str:
    words = {BELOW: say("below"), WITHIN: say("within"), ABOVE: say("above")}
    return f"{point['test']} {text.times(point['value'])}: {words[place]}"
