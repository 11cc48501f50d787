# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What was measured: medians of each test, every round behind them, and the commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import statistics, text
from .languages import say
from .metrics import label_of, metrics_of, named
from .tables import CARDS, CODE, SMALL, Table, table


def anchor(test: str, results: Mapping[str, Any]) -> str:
    """Where the rounds of a test stand; the report puts the hypervisor before it."""
    names = [found["name"] for found in results["settings"]["tests"]]
    return f"rounds-{names.index(test) + 1}"


def measurements(results: Mapping[str, Any], summary: Mapping[str, Any]) -> list[Table]:
    """For each test its metrics and counts, medians over the rounds with intervals."""
    names = [target["name"] for target in results["targets"]]
    return [_measurement(results, summary, test, names) for test in _tests(results)]


def _tests(results: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    run = {run["test"] for run in results["runs"]}
    return [test for test in results["settings"].get("tests", []) if test["name"] in run]


def _measurement(
    results: Mapping[str, Any], summary: Mapping[str, Any], test: Mapping[str, Any], names: Sequence[str]
) -> Table:
    metrics = [metric for metric in summary["metrics"] if metric["test"] == test["name"]]
    labels = dict.fromkeys((metric["id"], metric["label"], metric["unit"]) for metric in metrics)
    cells = {(metric["id"], metric["target"]): metric["text"] for metric in metrics}
    rows = [[named(label, unit), *(cells.get((key, name)) for name in names)] for key, label, unit in labels]
    shown = {label for _key, label, _unit in labels}
    rows += [row for row in _facts(results, test["name"], names) if row[0].split(",")[0] not in shown]
    said = ("name", test["name"]), ("test", test["name"])
    options = ", ".join(f"{key} {value}" for key, value in test.items() if (key, value) not in said)
    title = f"{test['name']} ({options})" if options else test["name"]
    return table(title, [say("median"), *names], rows, look=CARDS, links=[anchor(test["name"], results)] * len(rows))


def _facts(results: Mapping[str, Any], test: str, names: Sequence[str]) -> list[list[Any]]:
    facts = (
        # "events" is a count here, and a rate among the metrics.
        ("events", say("number of events"), text.whole),
        ("total_time_s", say("total time, s"), text.precise),
        ("operations", say("number of operations"), text.whole),
        ("transferred_mib", say("transferred, MiB"), text.number),
    )
    rows = []
    for key, label, show in facts:
        values = [[run["result"].get(key) for run in _runs(results, test) if run["target"] == name] for name in names]
        if all(column and None not in column for column in values):
            rows.append([label, *(show(statistics.median(column)) for column in values)])
    return rows


def _runs(results: Mapping[str, Any], test: str) -> list[Mapping[str, Any]]:
    return [run for run in results["runs"] if run["test"] == test]


def rounds(results: Mapping[str, Any]) -> list[Table]:
    """Every run of each test as it came out, with what it was run under."""
    return [_rounds(_runs(results, test["name"]), anchor(test["name"], results)) for test in _tests(results)]


def _rounds(runs: Sequence[Mapping[str, Any]], place: str) -> Table:
    metrics, several = metrics_of(runs[0]), len({run["boot"] for run in runs}) > 1
    shown = [metric for metric in metrics if any(metric.value(run["result"]) is not None for run in runs)]
    columns = [
        say("Run"),
        *([say("Boot")] if several else []),
        say("Round"),
        say("Target"),
        say("Started"),
        *(named(label_of(metric, runs[0]["result"]), metric.unit) for metric in shown),
        say("Wall time, s"),
        say("Steal, %"),
        say("Idle, %"),
        say("Load before"),
    ]
    rows = [
        [
            text.whole(run["position"]),
            *([text.whole(run["boot"])] if several else []),
            text.whole(run["round"]),
            run["target"],
            run["result"]["started"],
            *(text.number(metric.value(run["result"])) for metric in shown),
            *_conditions(run["result"]),
        ]
        for run in runs
    ]
    return table(runs[0]["test"], columns, rows, look=SMALL, anchor=place, links=["commands"] * len(rows))


def _conditions(result: Mapping[str, Any]) -> list[str]:
    cpu = result["cpu_percent"] or {}
    return [
        text.precise(result["wall_time_s"]),
        text.number(cpu.get("steal")),
        text.number(cpu.get("idle")),
        text.number(result["load_average"]["before"][0]),
    ]


def commands(results: Mapping[str, Any]) -> Table:
    """The command of each test on each target."""
    found = {(run["test"], run["target"]): " ".join(run["result"]["command"]) for run in results["runs"]}
    rows = [[test, target, command] for (test, target), command in found.items()]
    return table("", [say("Test"), say("Target"), say("Command")], rows, look=CODE)
