# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The report for other programs: its JSON, one row for each run and metric, and OpenMetrics."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from . import subjects
from .libraries import library
from .metrics import metrics_of

COLUMNS = (
    "hypervisor",
    "run",
    "boot",
    "round",
    "target",
    "kind",
    "test",
    "tool",
    "metric",
    "value",
    "unit",
    "started",
    "wall_time_s",
    "steal_percent",
    "idle_percent",
    "load_before",
    "clock_source",
    "kernel",
)

Document = Mapping[str, Any]
Labels = Mapping[str, str]


def validate(document: Document, schema: Mapping[str, Any]) -> None:
    """Refuse a document that does not follow the C(schema)."""
    jsonschema = library("jsonschema")
    validator = jsonschema.Draft202012Validator(schema)
    problem = next(validator.iter_errors(document), None)
    if problem is not None:
        where = "/".join(str(part) for part in problem.absolute_path) or "the document"
        raise ValueError(f"the report does not follow its schema at {where}: {problem.message[:300]}")


def as_json(document: Document) -> str:
    """The document itself, but for the lines that are printed of it."""
    kept = {key: value for key, value in document.items() if key != "lines"}
    # Without indentation, which takes ten times as long and a third more room.
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n"


def as_csv(document: Document) -> str:
    """One row for each run and metric, numbers in their full precision."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for hypervisor in document["hypervisors"]:
        for kind, target, run in _runs(hypervisor["results"]):
            before, after = _identity(hypervisor["name"], kind, target, run), _conditions(run["result"])
            for metric in metrics_of(run):
                value = metric.value(run["result"])
                if value is not None:
                    writer.writerow([*before, metric.key, value, metric.unit, *after])
    return buffer.getvalue()


def _runs(results: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Every run with the kind of its target, or of the experiment whose variant it is."""
    kinds = {target["name"]: target["kind"] for target in results["targets"]}
    for run in results["runs"]:
        yield kinds.get(run["target"], ""), run["target"], run
    for kind, experiment in results["experiments"].items():
        for run in experiment["runs"]:
            yield kind, run["variant"], run


def _identity(hypervisor: str, kind: str, target: str, run: Mapping[str, Any]) -> list[Any]:
    return [hypervisor, run["position"], run.get("boot"), run["round"], target, kind, run["test"], run["tool"]]


def _conditions(result: Mapping[str, Any]) -> list[Any]:
    cpu, environment = result.get("cpu_percent") or {}, result.get("environment") or {}
    load = (result.get("load_average") or {}).get("before") or [None]
    clock = environment.get("clock_source") or {}
    return [
        result.get("started"),
        result.get("wall_time_s"),
        cpu.get("steal"),
        cpu.get("idle"),
        load[0],
        clock.get("current"),
        environment.get("kernel"),
    ]


def as_openmetrics(document: Document) -> str:
    """The medians and ratios, for Prometheus: no label changes from run to run."""
    lines: list[str] = []
    lines += _family("virtbench_value", "Median over the rounds of a test.", _values(document, "median"))
    lines += _family("virtbench_samples", "Rounds behind the median.", _values(document, "n"))
    for name, key, text in (
        ("virtbench_ratio", "value", "Median of the guest over the median of native."),
        ("virtbench_ratio_ci_low", "low", "Lower end of the 95 % interval of the ratio."),
        ("virtbench_ratio_ci_high", "high", "Upper end of the 95 % interval of the ratio."),
    ):
        lines += _family(name, text, _ratios(document, key))
    stamps = [
        ({"hypervisor": found["name"]}, _seconds(found["results"]["started"])) for found in document["hypervisors"]
    ]
    lines += _family("virtbench_run_timestamp_seconds", "When the first round began.", stamps)
    return "\n".join([*lines, "# EOF", ""])


def _family(name: str, text: str, samples: Sequence[tuple[Labels, float]]) -> list[str]:
    head = [f"# TYPE {name} gauge", f"# HELP {name} {text}"]
    return [*head, *(f"{name}{{{_labels(labels)}}} {value!r}" for labels, value in samples)]


def _labels(labels: Labels) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _values(document: Document, key: str) -> list[tuple[Labels, float]]:
    return [
        (_labels_of(hypervisor, metric["id"], metric["unit"], metric["target"]), float(metric[key]))
        for hypervisor in document["hypervisors"]
        for metric in hypervisor["summary"]["metrics"]
    ]


def _ratios(document: Document, key: str) -> list[tuple[Labels, float]]:
    return [
        (_labels_of(hypervisor, entry["id"], entry["unit"], entry["guest"]["target"]), float(entry["ratio"][key]))
        for hypervisor in document["hypervisors"]
        for entry in hypervisor["summary"]["comparisons"]
        if entry["ratio"][key] is not None
    ]


def _labels_of(hypervisor: Mapping[str, Any], metric: str, unit: str, target: str) -> Labels:
    test, _dot, key = metric.rpartition(".")
    return {
        "hypervisor": hypervisor["name"],
        "test": test,
        "metric": key,
        "unit": unit,
        "target": target,
        "accel": subjects.accelerator_of(hypervisor["results"], target).lower(),
    }


def as_junit(comparison: Document) -> str:
    """A comparison as JUnit XML: what is worse has failed, what is inconclusive was skipped."""
    root = ET.Element("testsuites", name=comparison["title"])
    for compared in comparison["comparisons"]:
        entries = compared["entries"]
        suite = ET.SubElement(root, "testsuite", name=compared["name"], tests=str(len(entries)))
        suite.set("failures", str(sum(entry["verdict"] == "worse" for entry in entries)))
        suite.set("skipped", str(sum(entry["verdict"] == "inconclusive" for entry in entries)))
        for entry in entries:
            name = f"{entry['hypervisor']}.{entry['target']}"
            case = ET.SubElement(suite, "testcase", classname=name, name=entry["id"])
            kind = {"worse": "failure", "inconclusive": "skipped"}.get(entry["verdict"])
            if kind:
                message = f"{entry['base']:g} -> {entry['other']:g} {entry['unit']}, ratio {entry['ratio']:.4g}"
                ET.SubElement(case, kind, message=message)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _seconds(started: str) -> float:
    return datetime.fromisoformat(started.replace("Z", "+00:00")).timestamp()
