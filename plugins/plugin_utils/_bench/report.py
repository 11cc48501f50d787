# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The report: one document that holds all that its JSON, Markdown and HTML show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import tables
from .boot import boot
from .cautions import cautions
from .conclusions import conclusions, verdict
from .sections import sections
from .summary import summarise

SCHEMA_VERSION = 2


def report(
    results: Sequence[Mapping[str, Any]],
    study: Mapping[str, Any] | None,
    query: str,
    columns: Sequence[Mapping[str, str]],
    **identity: str,
) -> dict[str, Any]:
    """The document, from the fact C(bench_results) of each hypervisor; C(identity) is title, time, version."""
    hypervisors = [_hypervisor(found, study, len(results) > 1) for found in results]
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        **identity,
        "verdict": " ".join(found["verdict"] for found in hypervisors),
        "study": study,
        "hypervisors": hypervisors,
    }
    document["overhead"] = tables.queried("Overhead", document, query, columns)
    document["study_table"] = tables.study(study) if study else None
    return document


def _hypervisor(results: Mapping[str, Any], study: Mapping[str, Any] | None, name_guests: bool) -> dict[str, Any]:
    summary = summarise(results, name_guests)
    return {
        "name": results["hypervisor"],
        "verdict": verdict(results, summary),
        "conclusions": conclusions(results, summary, study),
        "warnings": cautions(results, summary),
        "tables": {
            "machines": tables.machines(results),
            "substrates": tables.substrates(results),
            "boot": boot(results),
            "measurements": tables.measurements(results, summary),
            "commands": tables.commands(results),
            "rounds": tables.rounds(results),
        },
        "sections": sections(results["experiments"]),
        "summary": summary,
        "results": results,
    }
