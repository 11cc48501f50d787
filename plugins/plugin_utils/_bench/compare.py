# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Reports compared: what is better, worse or the same in others than in the first one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import boots, statistics, subjects, svg, text
from .figure import figure
from .languages import known, language, say
from .machines import machines
from .metrics import HIGHER, named
from .query import search
from .samples import has_ratio
from .section import chart, section
from .standard import placed, shown
from .tables import CARDS, WORDS, table

SCHEMA_VERSION = 1
BETTER, WORSE, SAME, UNCLEAR = "better", "worse", "no significant change", "inconclusive"
SIGNIFICANT = 1 - statistics.CONFIDENCE

Document = Mapping[str, Any]
Entry = dict[str, Any]


def compare(
    reports: Sequence[Document], names: Sequence[str], *, query: str, threshold: float, title: str, generated: str
) -> dict[str, Any]:
    """The document: each report against the first one.

    C(query) is a JMESPath expression that selects metrics in the C(summary) of a hypervisor; changes up to C(threshold)
    (a share) do not matter, however certain they are.
    """
    base, *others = reports
    comparisons = [
        _against(other, base, name, f"r{place}-", query, threshold)
        for place, (name, other) in enumerate(zip(names[1:], others), 2)
    ]
    entries = [entry for comparison in comparisons for entry in comparison["entries"]]
    return {
        "schema_version": SCHEMA_VERSION,
        "title": known(title),
        "generated": generated,
        "language": language(),
        "verdict": _verdict(entries, len(others)),
        "base": {"name": names[0], "generated": base["generated"]},
        "threshold": threshold,
        "worse": sum(entry["verdict"] == WORSE for entry in entries),
        "comparisons": comparisons,
        "sections": [section for comparison in comparisons for section in comparison.pop("drawn")],
    }


def worse(document: Document) -> list[str]:
    """The metrics of a comparison that became worse; none of what is no comparison."""
    entries = [entry for comparison in document.get("comparisons", []) for entry in comparison["entries"]]
    return [f"{entry['target']} {entry['id']}" for entry in entries if entry["verdict"] == WORSE]


def _against(other: Document, base: Document, name: str, prefix: str, query: str, threshold: float) -> dict[str, Any]:
    pairs = _pairs(other, base)
    entries = [entry for ours, theirs in pairs for entry in _entries(ours, theirs, query)]
    for entry, probability in zip(entries, statistics.holm([entry["probability"] for entry in entries])):
        entry["corrected"] = probability
        entry["verdict"] = _judged(entry, threshold)
    differences = [each for ours, theirs in pairs for each in _differences(ours, theirs)]
    return {
        "name": name,
        "generated": other["generated"],
        "entries": entries,
        "environment": differences,
        "drawn": _drawn(name, prefix, entries, differences, threshold, _notes(pairs, threshold)),
    }


def _pairs(other: Document, base: Document) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Hypervisors of the same name; where each report has but one, those two, whatever they are called."""
    ours, theirs = other["hypervisors"], base["hypervisors"]
    if len(ours) == len(theirs) == 1:
        return [(ours[0], theirs[0])]
    by_name = {each["name"]: each for each in theirs}
    return [(each, by_name[each["name"]]) for each in ours if each["name"] in by_name]


def _entries(ours: Mapping[str, Any], theirs: Mapping[str, Any], query: str) -> list[Entry]:
    """The metrics that both have. Guests are matched by name, or are the only one in each."""
    before = {
        (_role(theirs, metric["target"]), metric["id"]): metric for metric in search(query, theirs["summary"]) or []
    }
    found = []
    for metric in search(query, ours["summary"]) or []:
        known_before = before.get((_role(ours, metric["target"]), metric["id"]))
        if known_before is not None and has_ratio(metric, known_before):
            found.append(_entry(ours["name"], metric, known_before))
    return found


def _role(hypervisor: Mapping[str, Any], target: str) -> str:
    guests = subjects.guests(hypervisor["results"])
    return say("the guest") if [guest["name"] for guest in guests] == [target] else target


def _entry(hypervisor: str, metric: Mapping[str, Any], base: Mapping[str, Any]) -> Entry:
    interval = statistics.ratio_interval(metric["values"], base["values"])
    return {
        "hypervisor": hypervisor,
        "id": metric["id"],
        "test": metric["test"],
        "target": metric["target"],
        "label": metric["label"],
        "unit": metric["unit"],
        "better": metric["better"],
        "n": [base["n"], metric["n"]],
        "base": base["median"],
        "other": metric["median"],
        "ratio": metric["median"] / base["median"],
        "low": interval and interval["low"],
        "high": interval and interval["high"],
        "probability": statistics.difference(metric["values"], base["values"]) if interval else 1.0,
        "agrees": _within(metric["median"], base) or _within(base["median"], metric),
    }


def _within(value: float, metric: Mapping[str, Any]) -> bool:
    interval = metric["interval"]
    return bool(interval) and interval["low"] <= value <= interval["high"]


def _judged(entry: Mapping[str, Any], threshold: float) -> str:
    """Better or worse is what is both certain and large enough; the same is what cannot be large."""
    change = entry["ratio"] - 1
    certain = entry["corrected"] < SIGNIFICANT and not (entry["low"] or 0) <= 1 <= (entry["high"] or 0)
    if certain and abs(change) > threshold:
        return BETTER if (change > 0) == (entry["better"] == HIGHER) else WORSE
    if certain or (entry["low"] and 1 - threshold <= entry["low"] and entry["high"] <= 1 + threshold):
        return SAME
    return UNCLEAR


def _differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[dict[str, str]]:
    """What of the machines is another one."""
    before, after = _facts(theirs), _facts(ours)
    return [
        {"what": what, "base": before.get(what, ""), "other": after.get(what, "")}
        for what in dict.fromkeys([*before, *after])
        if before.get(what, "") != after.get(what, "")
    ]


def _facts(hypervisor: Mapping[str, Any]) -> dict[str, str]:
    found = machines(hypervisor["results"])
    facts = {say("Hypervisor"): hypervisor["name"]}
    # These differ from run to run, and say nothing about the machine.
    passing = (say("Load before the first round"), say("Address"))
    for label, *cells in found["rows"]:
        for target, cell in zip(found["columns"][1:], cells):
            if cell != text.NOTHING and label not in passing:
                facts[f"{_role(hypervisor, target)}: {label}"] = cell
    return facts


def _verdict(entries: Sequence[Entry], others: int) -> str:
    if not entries:
        return say("The reports have no metric in common, so nothing was compared.")
    counted = {verdict: sum(entry["verdict"] == verdict for entry in entries) for verdict in _words()}
    return say(
        "Of {all} comparisons with the first report, {worse} are worse, {better} better, {same} not significantly"
        " changed and {unclear} inconclusive. In {agreeing}, one median lies within the interval of the other.",
        all=len(entries),
        agreeing=sum(entry["agrees"] for entry in entries),
        worse=counted[WORSE],
        better=counted[BETTER],
        same=counted[SAME],
        unclear=counted[UNCLEAR],
    )


def _words() -> dict[str, str]:
    """The verdicts as they are shown."""
    return {
        WORSE: say("worse"),
        BETTER: say("better"),
        SAME: say("no significant change"),
        UNCLEAR: say("inconclusive"),
    }


def _drawn(
    name: str,
    prefix: str,
    entries: Sequence[Entry],
    differences: Sequence[Mapping[str, str]],
    threshold: float,
    notes: Sequence[str],
) -> list[dict[str, Any]]:
    found = [
        section(
            "changes",
            say("What changed"),
            charts=[chart(_ratios(name, entries, threshold), _caption())] if entries else (),
            tables=[_table(entries)],
            notes=notes,
        ),
        section("environment", say("What else is different"), tables=[_differing(differences)]),
    ]
    return [placed(each, name, prefix) for each in map(shown, found) if each]


def _caption() -> str:
    return say("Ratio to the first report with its 95 % interval. In the band a change does not matter.")


def _notes(pairs: Sequence[Sequence[Mapping[str, Any]]], threshold: float) -> list[str]:
    """How it was judged, and what that cannot see."""
    if not any(boots.count(hypervisor["results"]) == 1 for pair in pairs for hypervisor in pair):
        return [_method(threshold)]
    return [
        _method(threshold),
        say("A report saw one boot of the guests only: a change may be no more than that of another boot."),
    ]


def _method(threshold: float) -> str:
    return say(
        "Better and worse: a permutation test of the ranks gives a probability below {level} after Holm's correction,"
        " the 95 % bootstrap interval of the ratio leaves out 1, and the change is above {threshold}. No significant"
        " change: it is certain to be smaller than that. Inconclusive: more rounds are needed to tell.",
        level=text.number(SIGNIFICANT),
        threshold=text.percent(threshold),
    )


def _table(entries: Sequence[Entry]) -> dict[str, Any]:
    columns = [say("Metric"), say("Before"), say("Now"), say("Ratio"), say("Probability"), say("Verdict")]
    words = _words()
    rows = [
        [
            _name(entry),
            text.number(entry["base"]),
            text.number(entry["other"]),
            text.number(entry["ratio"]) + text.interval(entry if entry["low"] else None),
            text.number(entry["corrected"]),
            words[entry["verdict"]],
        ]
        for entry in entries
    ]
    return table("", columns, rows, look=CARDS)


def _name(entry: Mapping[str, Any]) -> str:
    return say(
        "{test} on {target}: {metric}",
        test=entry["test"],
        target=entry["target"],
        metric=named(entry["label"], entry["unit"]),
    )


def _differing(differences: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    columns = [say("What"), say("Before"), say("Now")]
    return table("", columns, [[each["what"], each["base"], each["other"]] for each in differences], look=WORDS)


def _ratios(name: str, entries: Sequence[Entry], threshold: float) -> str:
    names = [f"{_name(entry)} ({_words()[entry['verdict']]})" for entry in entries]
    title = say("{report} beside the first report", report=name)
    description = "; ".join(f"{_name(entry)}: {text.number(entry['ratio'])}" for entry in entries)

    def draw(axes: Any) -> None:
        axes.axvspan(1 - threshold, 1 + threshold, color=svg.FAINT, alpha=0.2, linewidth=0)
        axes.axvline(1, color=svg.NATIVE, linewidth=1.5)
        for place, entry in enumerate(entries):
            if entry["low"]:
                axes.plot([entry["low"], entry["high"]], [place, place], color=svg.GUEST, linewidth=2.5)
            axes.plot(entry["ratio"], place, "o", color=svg.GUEST, markersize=6)
        bounds = [entry[key] for entry in entries for key in ("low", "ratio", "high") if entry[key]]
        reach = max(1 + 2 * threshold, *bounds, *(1 / bound for bound in bounds)) * 1.05
        axes.set_xscale("log")
        axes.set_xlim(1 / reach, reach)
        ticks = [tick for tick in (0.1, 0.2, 0.5, 0.8, 0.9, 1, 1.1, 1.25, 2, 5, 10) if 1 / reach <= tick <= reach]
        axes.set_xticks(ticks, [text.written(f"{tick:g}") for tick in ticks])
        axes.minorticks_off()
        axes.set_xlabel(say("ratio to the first report (logarithmic)"))

    return figure(names, title, description, draw)
