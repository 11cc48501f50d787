# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The report: one document that holds all that its JSON, Markdown and HTML show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import literature, measurements, standard, study
from .cautions import cautions
from .conclusions import conclusions, verdict
from .languages import known, language
from .nesting import answered
from .sections import nesting, sections
from .summary import summarise

SCHEMA_VERSION = 2


def report(
    results: Sequence[Mapping[str, Any]],
    beside: Mapping[str, Any] | None,
    query: str,
    columns: Sequence[Mapping[str, str]],
    figures: literature.Figures = (),
    *,
    title: str,
    generated: str,
) -> dict[str, Any]:
    """The document, from the fact C(bench_results) of each hypervisor.

    C(beside) is the study to compare with, C(figures) are those of the literature.
    """
    other = study.in_words(beside) if beside else None
    hypervisors = [
        _hypervisor(found, other, figures, f"h{place}-", len(results) > 1) for place, found in enumerate(results, 1)
    ]
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "title": known(title),
        "generated": generated,
        "language": language(),
        "verdict": " ".join(found["verdict"] for found in hypervisors),
        "study": other,
        "hypervisors": hypervisors,
    }
    own = [standard.cost(document, query, columns), *([study.section_of(other)] if other else [])]
    document["sections"] = [found for found in map(standard.shown, own) if found]
    return document


def _hypervisor(
    results: Mapping[str, Any],
    other: Mapping[str, Any] | None,
    figures: literature.Figures,
    prefix: str,
    name_guests: bool,
) -> dict[str, Any]:
    summary = summarise(results, name_guests)
    for entry in summary["comparisons"]:
        entry["rounds"] = prefix + measurements.anchor(entry["test"], results)
    guesses = answered(other, results, summary) if other else None
    experiments = [*sections(results["experiments"], guesses), *nesting.sections_of(results, summary)]
    found = conclusions(results, summary, other, experiments)
    warnings = cautions(results, summary)
    drawn = [
        *standard.before(found, warnings),
        *experiments,
        *([literature.section_of(figures, results, summary)] if figures else []),
        *standard.after(results, summary),
    ]
    name = results["hypervisor"]
    return {
        "name": name,
        "verdict": verdict(results, summary, experiments),
        "conclusions": found,
        "warnings": warnings,
        "sections": [standard.placed(each, name, prefix) for each in map(standard.shown, drawn) if each],
        "summary": summary,
        "results": results,
    }
