# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The numbers of an experiment: the headline of each test, by variant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..metrics import METRICS, Metric

Experiment = Mapping[str, Any]


def test_of(experiment: Experiment, name: str) -> Mapping[str, Any]:
    """A test by its name."""
    found: Mapping[str, Any] = next(test for test in experiment["settings"]["tests"] if test["name"] == name)
    return found


def headline(experiment: Experiment, name: str) -> Metric:
    """The number that a test is about."""
    return METRICS[test_of(experiment, name)["test"]][0]


def runs(experiment: Experiment, variant: str, test: str | None = None) -> list[Mapping[str, Any]]:
    """The runs of a variant, and of a test where one is given."""
    return [run for run in experiment["runs"] if run["variant"] == variant and (test is None or run["test"] == test)]


def values(experiment: Experiment, variant: str, test: str, guest: int | None = None) -> list[float]:
    """The headline of each run; of one guest where C(guest) is its number."""
    metric = headline(experiment, test)
    found = [
        metric.value(run["result"])
        for run in runs(experiment, variant, test)
        if guest is None or run["result"].get("guest") == guest
    ]
    return [value for value in found if value is not None]


def by_round(experiment: Experiment, variant: str, test: str, guest: int | None = None) -> dict[int, float]:
    """The headline of the run in each round: of the only guest, or of the one whose number is C(guest)."""
    metric = headline(experiment, test)
    found = {
        run["round"]: metric.value(run["result"])
        for run in runs(experiment, variant, test)
        if guest is None or run["result"].get("guest") == guest
    }
    return {turn: value for turn, value in found.items() if value is not None}


def variant_of(experiment: Experiment, name: str) -> Mapping[str, Any]:
    """A variant by its name."""
    found: Mapping[str, Any] = next(variant for variant in experiment["variants"] if variant["name"] == name)
    return found


def missing(experiment: Experiment) -> list[tuple[str, str]]:
    """The variants that did not run here, each with the reason."""
    return [(entry["name"], entry["reason"]) for entry in experiment["variants"] if not entry["available"]]
