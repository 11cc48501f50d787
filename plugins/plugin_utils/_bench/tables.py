# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The report's tables: columns and rows of text, nothing left to compute for a template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import statistics, subjects, text
from .metrics import named
from .query import search

Table = dict[str, Any]

ROLES = {
    "native": "hypervisor (native)",
    "user": "user-mode emulation on the hypervisor",
    "container": "container on the hypervisor",
    "guest": "guest",
}

_FACTS = (
    ("events", "events", "", text.whole),
    ("total_time_s", "total time", "s", text.precise),
    ("operations", "operations", "", text.whole),
    ("transferred_mib", "transferred", "MiB", text.number),
)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    """A table as templates draw it."""
    cells = [[text.NOTHING if cell in (None, "") else str(cell) for cell in row] for row in rows]
    return {"title": title, "columns": list(columns), "rows": cells}


def queried(title: str, document: Mapping[str, Any], query: str, columns: Sequence[Mapping[str, str]]) -> Table:
    """The rows that the JMESPath C(query) selects; each column is an expression on a row."""
    rows = search(query, document) or []
    cells = [[search(column["value"], row) for column in columns] for row in rows]
    return table(title, [column["title"] for column in columns], cells)


def aligned(found: Table) -> list[str]:
    """The table as lines of plain text: the first column on the left, numbers on the right."""
    lines = [found["columns"], *found["rows"]]
    widths = [max(len(line[place]) for line in lines) for place in range(len(found["columns"]))]

    def drawn(line: Sequence[str]) -> str:
        cells = [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:]))]
        return "  ".join(cells).rstrip()

    return [drawn(found["columns"]), "  ".join("-" * width for width in widths), *map(drawn, found["rows"])]


def machines(results: Mapping[str, Any]) -> Table:
    """Hypervisor and guests side by side."""
    targets = results["targets"]
    labels = [label for label, _value in _machine(results, targets[0])] if targets else []
    values = [dict(_machine(results, target)) for target in targets]
    rows = [[label, *(value.get(label) for value in values)] for label in labels]
    shown = [row for row in rows if any(cell not in (None, "") for cell in row[1:])]
    return table(results["hypervisor"], ["", *(target["name"] for target in targets)], shown)


def _machine(results: Mapping[str, Any], target: Mapping[str, Any]) -> list[tuple[str, Any]]:
    found, clock = subjects.environment(target), subjects.environment(target)["clock_source"]
    rows = [
        ("Role", ROLES[target["kind"]]),
        ("Processor", found["cpu_model"]),
        ("CPUs", found["cpus"]),
        ("Memory", f"{found['memory_mib']:,} MiB"),
        ("System", found["os"]),
        ("Kernel", f"{found['kernel']} ({found['architecture']})"),
        (
            "Clock source",
            f"{clock['current']} (available: {', '.join(clock['available'])})" if clock["current"] else "",
        ),
        ("Frequency governor", found["governor"]),
        ("sysbench", f"{target['version']} ({target['executable']})"),
        ("sysbench binary, SHA-256", target["binary_sha256"][:16]),
        ("Load before the first round", text.number(target["load_before"])),
    ]
    return rows + (_native(results) if target["kind"] == "native" else _guest(results, target["name"]))


def _native(results: Mapping[str, Any]) -> list[tuple[str, Any]]:
    host = results["host"]
    versions = host.get("versions") or {}
    return [
        ("Accelerator", str(host.get("accelerator") or "").upper()),
        ("Why this accelerator", ""),
        ("Machine", subjects.virtualization_of(results) and f"virtual ({subjects.virtualization_of(results)})"),
        ("QEMU", versions.get("qemu")),
        ("libvirt", versions.get("libvirt")),
        ("Image", ""),
        ("Image, SHA-256", ""),
        ("Profile", ""),
        ("Address", ""),
    ]


def _guest(results: Mapping[str, Any], name: str) -> list[tuple[str, Any]]:
    found, metadata = subjects.guest_of(results, name), subjects.metadata_of(results, name)
    image = metadata.get("image")
    if subjects.is_fallback(results, name):
        image = f"{image} (asked for: {metadata.get('image_requested')})"
    return [
        ("Accelerator", subjects.accelerator_of(results, name)),
        ("Why this accelerator", subjects.accelerator_reason(results, name)),
        ("Machine", found.get("machine")),
        ("Image", image),
        ("Image, SHA-256", str(metadata.get("image_sha256") or "")[:16]),
        ("Profile", metadata.get("profile")),
        ("Address", metadata.get("address")),
    ]


def substrates(results: Mapping[str, Any]) -> Table:
    """All that was asked for, with the reason of what cannot run here."""
    rows = [
        [entry["name"], ROLES[entry["kind"]], "yes" if entry["available"] else "no", entry["reason"]]
        for entry in results["substrates"]
    ]
    return table(f"{results['hypervisor']}: substrates", ["Substrate", "What it is", "Runs here", "Why not"], rows)


def measurements(results: Mapping[str, Any], summary: Mapping[str, Any]) -> list[Table]:
    """For each test its metrics and counts, medians over the rounds with intervals."""
    names = [target["name"] for target in results["targets"]]
    return [_measurement(results, summary, test, names) for test in results["settings"]["tests"]]


def _measurement(
    results: Mapping[str, Any], summary: Mapping[str, Any], test: Mapping[str, Any], names: Sequence[str]
) -> Table:
    metrics = [metric for metric in summary["metrics"] if metric["test"] == test["name"]]
    labels = dict.fromkeys((metric["id"], metric["label"], metric["unit"]) for metric in metrics)
    cells = {(metric["id"], metric["target"]): metric["text"] for metric in metrics}
    rows = [[named(label, unit), *(cells.get((key, name)) for name in names)] for key, label, unit in labels]
    known = {label for _key, label, _unit in labels}
    rows += [row for row in _facts(results, test["name"], names) if row[0].split(",")[0] not in known]
    said = ("name", test["name"]), ("test", test["name"])
    options = ", ".join(f"{key} {value}" for key, value in test.items() if (key, value) not in said)
    return table(f"{test['name']} ({options})" if options else test["name"], ["median", *names], rows)


def _facts(results: Mapping[str, Any], test: str, names: Sequence[str]) -> list[list[Any]]:
    rows = []
    for key, label, unit, show in _FACTS:
        values = [
            [run["result"][key] for run in results["runs"] if run["test"] == test and run["target"] == name]
            for name in names
        ]
        if all(column and None not in column for column in values):
            # "events" is a count here, and a rate among the metrics.
            title = f"{label}, {unit}" if unit else f"number of {label}"
            rows.append([title, *(show(statistics.median(column)) for column in values)])
    return rows


def rounds(results: Mapping[str, Any]) -> Table:
    """Every run, as it came out."""
    return table(
        f"{results['hypervisor']}: every run",
        [
            "Run",
            "Round",
            "Test",
            "Target",
            "Started",
            "Events",
            "Total time, s",
            "Events/s",
            "MiB/s",
            "Latency min / avg / max, ms",
            "Wall time, s",
            "Steal, %",
            "Idle, %",
            "Load before",
        ],
        [_round(run) for run in results["runs"]],
    )


def _round(run: Mapping[str, Any]) -> list[Any]:
    found, latency, cpu = run["result"], run["result"]["latency_ms"], run["result"]["cpu_percent"] or {}
    latencies = [text.NOTHING if latency[key] is None else f"{latency[key]:.4g}" for key in ("min", "avg", "max")]
    return [
        run["position"],
        run["round"],
        run["test"],
        run["target"],
        found["started"],
        text.whole(found["events"]),
        text.precise(found["total_time_s"]),
        text.number(found["events_per_second"]),
        text.number(found["mib_per_second"]),
        " / ".join(latencies),
        text.precise(found["wall_time_s"]),
        text.number(cpu.get("steal")),
        text.number(cpu.get("idle")),
        text.number(found["load_average"]["before"][0]),
    ]


def commands(results: Mapping[str, Any]) -> Table:
    """The command of each test on each target."""
    found = {(run["test"], run["target"]): " ".join(run["result"]["command"]) for run in results["runs"]}
    rows = [[test, target, command] for (test, target), command in found.items()]
    return table(f"{results['hypervisor']}: commands", ["Test", "Target", "Command"], rows)


def study(found: Mapping[str, Any]) -> Table:
    """The reference study's figures; what it did not measure or estimate stays empty."""
    return table(
        found["title"],
        ["Metric", "Guest", "Native (estimated)", "% of native", "Overhead", "Slow-down"],
        [_study_row(entry) for entry in found["metrics"]],
    )


def _study_row(entry: Mapping[str, Any]) -> list[Any]:
    # Its own figures as they were printed; what is computed from them is rounded like all else.
    row = [f"{entry['test']}: {named(entry['label'], entry['unit'])}", f"{entry['guest']:,}"]
    if not entry.get("native"):
        return [*row, None, None, None, None]
    low, high = entry["native"]
    smallest, largest = entry["guest"] / high, entry["guest"] / low
    return [
        *row,
        f"{text.number(low)}–{text.number(high)}",
        f"{text.share(smallest)}–{text.share(largest)}{text.PERCENT}",
        f"{text.share(1 - largest)}–{text.share(1 - smallest)}{text.PERCENT}",
        f"{text.number(1 / largest)}–{text.number(1 / smallest)}×",
    ]
