# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters that sum up and draw what the role bench measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench import (
    calls,
    charts,
    conclusions,
    export,
    resources,
    study,
    summary,
    tables,
)
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.collect import collect, runs_of
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.compare import compare, worse
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.compare_experiments import KINDS
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.files import files
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.languages import LANGUAGES, speaking
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.query import search
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.report import report
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.schedule import schedule, trials
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.stopping import Rule, progress
from ansible_collections.mini.hypervisor.plugins.plugin_utils.plain import plain

CHARTS = {"speed": charts.speed, "spread": charts.spread}


def bench_schedule(
    tests: Sequence[Any],
    rounds: int,
    targets: Sequence[str],
    least: int | None = None,
    machines: Sequence[str] | None = None,
    left_out: Sequence[Mapping[str, str]] = (),
) -> list[dict[str, Any]]:
    """The calls of a benchmark in their order, each with its runs."""
    enough = None if least is None else int(least)
    return schedule(plain(tests), int(rounds), plain(targets), enough, plain(machines), plain(left_out))


def bench_refusals(tests: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is wrong with tests, in sentences."""
    return calls.refusals(plain(tests))


def bench_trials(tests: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The warm-up, and short runs of tests that need more than processor and memory."""
    return trials(plain(tests))


def bench_asked(runs: Sequence[Mapping[str, Any]], setup: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The runs of a call as the module bench_run takes them."""
    return calls.asked(plain(runs), plain(setup))


def bench_ran(tasks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each run with what it returned, from the results of the module bench_run."""
    return calls.ran(plain(tasks))


def bench_left_out(
    trials: Sequence[Mapping[str, Any]], served: Sequence[Mapping[str, Any]] = ()
) -> list[dict[str, str]]:
    """The tests that cannot run on a target, with the reason, from their trials and the starts of servers."""
    return calls.left_out(plain(trials), plain(served))


def bench_progress(
    runs: Sequence[Any], least: int, most: int, precision: float, budget: float, elapsed: float, boots: int = 1
) -> dict[str, Any]:
    """Whether the rounds of the latest boot are enough, from what the tasks of all rounds returned."""
    rule = Rule(int(least), max(int(least), int(most)), float(precision), float(budget))
    return progress(runs_of(plain(runs)), rule, float(elapsed), int(boots))


def bench_results(runs: Sequence[Any], warm_up: Sequence[Any], **context: Any) -> dict[str, Any]:
    """The results of a benchmark as one document, from what its tasks returned."""
    return collect(plain(runs), plain(warm_up), **plain(context))


def bench_summary(results: Mapping[str, Any]) -> dict[str, Any]:
    """Medians, intervals and comparisons of the rounds of one hypervisor."""
    return summary.summarise(plain(results))


def bench_conclusions(results: Mapping[str, Any], beside: Mapping[str, Any] | None = None) -> list[str]:
    """What they mean, in sentences."""
    found = plain(results)
    other = study.in_words(plain(beside)) if beside else None
    return conclusions.conclusions(found, summary.summarise(found), other)


def bench_chart(results: Mapping[str, Any], kind: str = "speed") -> str:
    """A chart of a summary, as an SVG element."""
    if kind not in CHARTS:
        raise AnsibleFilterError(f"bench_chart draws no {kind!r}: give one of {', '.join(CHARTS)}.")
    return CHARTS[kind](plain(results))


def bench_report(
    results: Sequence[Any],
    query: str,
    columns: Sequence[Mapping[str, str]],
    study: Mapping[str, Any] | None = None,
    literature: Sequence[Mapping[str, Any]] | None = None,
    *,
    schema: Mapping[str, Any],
    language: str = "en",
    **identity: str,
) -> dict[str, Any]:
    """The report's document; one that does not follow C(schema) is an error."""
    with _spoken(language):
        found = report(plain(results), plain(study), query, plain(columns), plain(literature) or (), **plain(identity))
    _validate(found, schema, "bench_report")
    return found


def bench_resources(rows: Sequence[Any], guest: str, started: str) -> dict[str, Any]:
    """The experiment that sets limits on a guest, from what each was found to do."""
    return resources.experiment(plain(rows), guest, started)


def bench_compare(
    reports: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    *,
    schema: Mapping[str, Any],
    query: str,
    threshold: float,
    experiments: Sequence[str] = tuple(KINDS),
    language: str = "en",
    **identity: str,
) -> dict[str, Any]:
    """The document of a comparison of reports with the first of them."""
    found, called = plain(reports), plain(names)
    if len(found) < 2:
        raise AnsibleFilterError("Nothing to compare with: give two or more files report.json, the first is the base.")
    for name, each in zip(called, found):
        _validate(each, schema, name)
    with _spoken(language):
        return compare(
            found,
            called,
            query=query,
            threshold=float(threshold),
            experiments=plain(experiments),
            **plain(identity),
        )


def _validate(document: Any, schema: Mapping[str, Any], name: str) -> None:
    try:
        export.validate(document, plain(schema))
    except ValueError as error:
        raise AnsibleFilterError(f"{name}: {error}") from error


def bench_files(
    document: Mapping[str, Any],
    name: str,
    endings: Sequence[str],
    *,
    sections: str,
    templates: str,
    query: str,
    columns: Sequence[Mapping[str, str]],
) -> dict[str, Any]:
    """The files of a report or comparison, with what is to be printed of it."""
    found = plain(document)
    with _spoken(found["language"]):
        lines = tables.aligned(tables.queried("", found, query, plain(columns)))
        made = files({**found, "lines": lines}, name, plain(endings), sections, templates)
    shown = [{"name": file, "content": content} for file, content in made.items()]
    return {"files": shown, "lines": lines, "verdict": found["verdict"], "worse": worse(found)}


def bench_table(
    document: Mapping[str, Any], query: str, columns: Sequence[Mapping[str, str]], language: str = "en"
) -> list[str]:
    """Rows chosen by JMESPath as lines of plain text in aligned columns."""
    with _spoken(language):
        return tables.aligned(tables.queried("", plain(document), query, plain(columns)))


def _spoken(language: str) -> AbstractContextManager[None]:
    if language not in LANGUAGES:
        raise AnsibleFilterError(f"The report speaks no {language!r}: give one of {', '.join(LANGUAGES)}.")
    return speaking(language)


def jmespath(data: Any, expression: str) -> Any:
    """What a JMESPath expression selects."""
    return search(expression, plain(data))


class FilterModule:
    """The filters by name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters by name."""
        return {
            "bench_asked": bench_asked,
            "bench_chart": bench_chart,
            "bench_conclusions": bench_conclusions,
            "bench_compare": bench_compare,
            "bench_files": bench_files,
            "bench_left_out": bench_left_out,
            "bench_progress": bench_progress,
            "bench_ran": bench_ran,
            "bench_refusals": bench_refusals,
            "bench_report": bench_report,
            "bench_resources": bench_resources,
            "bench_results": bench_results,
            "bench_schedule": bench_schedule,
            "bench_summary": bench_summary,
            "bench_table": bench_table,
            "bench_trials": bench_trials,
            "jmespath": jmespath,
        }
