# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The numbers of one test on one target over its rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import statistics, text
from .metrics import Metric, label_of, metrics_of

Run = Mapping[str, Any]


def runs_of(runs: Sequence[Run], test: str, target: str) -> list[Run]:
    """The runs of a test on a target."""
    return [run for run in runs if run["test"] == test and run["target"] == target]


def samples(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """The metrics of the runs of one test on one target; the first that has a number in every round is the headline."""
    if not runs:
        return []
    known = [(metric, _values(metric, runs)) for metric in metrics_of(runs[0])]
    found = [(metric, values) for metric, values in known if values]
    return [_sample(metric, values, runs, metric is found[0][0]) for metric, values in found]


def headline(runs: Sequence[Run]) -> tuple[Metric, list[float]] | None:
    """The headline of the runs of one test on one target, and its values."""
    known = ((metric, _values(metric, runs)) for metric in (metrics_of(runs[0]) if runs else ()))
    return next(((metric, values) for metric, values in known if values), None)


def has_ratio(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two samples can be divided: not where nothing was lost in a round."""
    return all(one["values"]) and all(other["values"])


def _values(metric: Metric, runs: Sequence[Run]) -> list[float]:
    """Empty where a round lacks the number, or where the tool's two decimals make it 0."""
    values = [metric.value(run["result"]) for run in runs]
    known = [value for value in values if value or (metric.zero and value is not None)]
    return known if len(known) == len(values) else []


def _sample(metric: Metric, values: list[float], runs: Sequence[Run], is_headline: bool) -> dict[str, Any]:
    first = runs[0]
    middle, interval = statistics.median(values), statistics.median_interval(values)
    return {
        "id": f"{first['test']}.{metric.key}",
        "test": first["test"],
        "target": first["target"],
        "label": label_of(metric, first["result"]),
        "unit": metric.unit,
        "better": metric.better,
        "headline": is_headline,
        "n": len(values),
        "values": values,
        "median": middle,
        "interval": interval,
        "variation": statistics.variation(values),
        "outliers": [runs[place]["round"] for place in statistics.outliers(values)],
        "text": f"{text.number(middle)}{text.interval(interval)}",
    }
