# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Reports compared: what is better, worse or the same in others than in the first one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import compare_experiments, statistics, subjects, text
from .compare_sections import BETTER, SAME, SIGNIFICANT, UNCLEAR, WORSE, Entry, Pairs, changes, differing, words
from .languages import known, language, say
from .machines import machines
from .metrics import HIGHER
from .query import search
from .samples import has_ratio
from .standard import placed, shown

SCHEMA_VERSION = 1

Document = Mapping[str, Any]
Samples = Mapping[tuple[str, str], Mapping[str, Any]]
"""By the target, as both reports call it, and their id."""


def compare(
    reports: Sequence[Document],
    names: Sequence[str],
    *,
    query: str,
    threshold: float,
    title: str,
    generated: str,
    experiments: Sequence[str] = tuple(compare_experiments.KINDS),
) -> dict[str, Any]:
    """The document: each report against the first one.

    C(query) is a JMESPath expression that selects metrics in the C(summary) of a hypervisor, C(experiments) are those
    whose numbers are compared as well; changes up to C(threshold) (a share) do not matter, however certain they are.
    """
    base, *others = reports
    comparisons = [
        _against(other, base, name, f"r{place}-", query, experiments, threshold)
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


def _against(
    other: Document, base: Document, name: str, prefix: str, query: str, experiments: Sequence[str], threshold: float
) -> dict[str, Any]:
    pairs = _pairs(other, base)
    found = {"": [entry for ours, theirs in pairs for entry in _of_rounds(ours, theirs, query)]}
    for kind in (kind for kind in compare_experiments.KINDS if kind in experiments):
        found[kind] = [entry for ours, theirs in pairs for entry in _of_experiment(ours, theirs, kind)]
    for entries in found.values():
        _judge(entries, threshold)
    differences = [each for ours, theirs in pairs for each in _differences(ours, theirs)]
    drawn = [
        *(changes(name, kind, entries, pairs, threshold) for kind, entries in found.items()),
        differing(differences),
    ]
    return {
        "name": name,
        "generated": other["generated"],
        "entries": [entry for entries in found.values() for entry in entries],
        "environment": differences,
        "drawn": [placed(each, name, prefix) for each in map(shown, drawn) if each],
    }


def _pairs(other: Document, base: Document) -> Pairs:
    """Hypervisors of the same name; where each report has but one, those two, whatever they are called."""
    ours, theirs = other["hypervisors"], base["hypervisors"]
    if len(ours) == len(theirs) == 1:
        return [(ours[0], theirs[0])]
    by_name = {each["name"]: each for each in theirs}
    return [(each, by_name[each["name"]]) for each in ours if each["name"] in by_name]


def _of_rounds(ours: Mapping[str, Any], theirs: Mapping[str, Any], query: str) -> list[Entry]:
    """The metrics that both have. Guests are matched by name, or are the only one in each."""

    def metrics(hypervisor: Mapping[str, Any]) -> Samples:
        selected = search(query, hypervisor["summary"]) or []
        return {(_role(hypervisor, metric["target"]), metric["id"]): metric for metric in selected}

    return _common(ours["name"], "", metrics(ours), metrics(theirs))


def _of_experiment(ours: Mapping[str, Any], theirs: Mapping[str, Any], kind: str) -> list[Entry]:
    """The numbers of an experiment, where both have made it."""

    def samples(hypervisor: Mapping[str, Any]) -> Samples:
        made = hypervisor["results"]["experiments"].get(kind)
        found = compare_experiments.samples(made) if made else []
        return {(sample["target"], sample["id"]): sample for sample in found}

    return _common(ours["name"], kind, samples(ours), samples(theirs))


def _common(hypervisor: str, experiment: str, ours: Samples, theirs: Samples) -> list[Entry]:
    return [
        {**_entry(hypervisor, sample, theirs[key]), "experiment": experiment}
        for key, sample in ours.items()
        if key in theirs and has_ratio(sample, theirs[key])
    ]


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


def _judge(entries: Sequence[Entry], threshold: float) -> None:
    """Add the verdicts of the rounds or of an experiment.

    The numbers of an experiment are corrected test by test: more at once need more rounds than it has until a change is
    certain.
    """
    for family in dict.fromkeys(map(_family, entries)):
        members = [entry for entry in entries if _family(entry) == family]
        for entry, probability in zip(members, statistics.holm([entry["probability"] for entry in members])):
            entry["corrected"] = probability
            entry["verdict"] = _judged(entry, threshold)


def _family(entry: Mapping[str, Any]) -> str:
    return str(entry["test"]) if entry["experiment"] else ""


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
    return {**compare_experiments.machine(hypervisor["results"]), **facts}


def _verdict(entries: Sequence[Entry], others: int) -> str:
    if not entries:
        return say("The reports have no metric in common, so nothing was compared.")
    counted = {verdict: sum(entry["verdict"] == verdict for entry in entries) for verdict in words()}
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
