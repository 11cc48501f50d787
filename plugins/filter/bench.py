# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters that sum up and draw what the role bench measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench import charts, conclusions, summary, tables
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.collect import collect, runs_of
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.plain import plain
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.query import search
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.report import report
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.schedule import schedule
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.stopping import Rule, progress

CHARTS = {"speed": charts.speed, "spread": charts.spread}


def bench_schedule(
    tests: Sequence[Any],
    rounds: int,
    targets: Sequence[str],
    least: int | None = None,
    machines: Sequence[str] | None = None,
) -> list[dict[str, Any]]:
    """The runs of a benchmark in their order."""
    return schedule(plain(tests), int(rounds), plain(targets), None if least is None else int(least), plain(machines))


def bench_progress(
    runs: Sequence[Any], least: int, most: int, precision: float, budget: float, elapsed: float
) -> dict[str, Any]:
    """Whether the rounds are enough, from what their tasks returned."""
    rule = Rule(int(least), max(int(least), int(most)), float(precision), float(budget))
    return progress(runs_of(plain(runs)), rule, float(elapsed))


def bench_results(runs: Sequence[Any], warm_up: Sequence[Any], **context: Any) -> dict[str, Any]:
    """The results of a benchmark as one document, from what its tasks returned."""
    return collect(plain(runs), plain(warm_up), **plain(context))


def bench_summary(results: Mapping[str, Any]) -> dict[str, Any]:
    """Medians, intervals and comparisons of the rounds of one hypervisor."""
    return summary.summarise(plain(results))


def bench_conclusions(results: Mapping[str, Any], study: Mapping[str, Any] | None = None) -> list[str]:
    """What they mean, in sentences."""
    found = plain(results)
    return conclusions.conclusions(found, summary.summarise(found), plain(study))


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
    **identity: str,
) -> dict[str, Any]:
    """The report's document."""
    return report(plain(results), plain(study), query, plain(columns), **plain(identity))


def bench_table(document: Mapping[str, Any], query: str, columns: Sequence[Mapping[str, str]]) -> list[str]:
    """Rows chosen by JMESPath as lines of plain text in aligned columns."""
    return tables.aligned(tables.queried("", plain(document), query, plain(columns)))


def jmespath(data: Any, expression: str) -> Any:
    """What a JMESPath expression selects."""
    return search(expression, plain(data))


class FilterModule:
    """The filters by name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters by name."""
        return {
            "bench_chart": bench_chart,
            "bench_conclusions": bench_conclusions,
            "bench_progress": bench_progress,
            "bench_report": bench_report,
            "bench_results": bench_results,
            "bench_schedule": bench_schedule,
            "bench_summary": bench_summary,
            "bench_table": bench_table,
            "jmespath": jmespath,
        }
