# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Which numbers of a sysbench result are compared between guest and native."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .languages import known, say

HIGHER, LOWER = "higher", "lower"

Value = Callable[[Mapping[str, Any]], "float | None"]


@dataclass(frozen=True)
class Metric:
    """A number of a result. The first one of a test is its headline."""

    key: str
    label: str
    unit: str
    better: str
    value: Value
    zero: bool = False
    """Whether 0 is a number like others; else it is one that was too small to print, or of what was not done."""


def _at(path: str) -> Value:
    def value(result: Mapping[str, Any]) -> float | None:
        found: Any = result
        for key in path.split("."):
            found = found.get(key) if isinstance(found, Mapping) else None
        return None if found is None else float(found)

    return value


def _average(result: Mapping[str, Any]) -> float | None:
    """The average latency from the sum: it is printed with two decimals only."""
    events, latency = result.get("events"), result["latency_ms"]
    return float(latency["sum"] / events if events else latency["avg"])


def _latencies(*keys: str) -> tuple[Metric, ...]:
    metrics = {
        "avg": Metric("latency_avg", "average latency", "ms", LOWER, _average),
        "p": Metric("latency_percentile", "latency percentile", "ms", LOWER, _at("latency_ms.percentile.value")),
        "min": Metric("latency_min", "shortest latency", "ms", LOWER, _at("latency_ms.min")),
        "max": Metric("latency_max", "longest latency", "ms", LOWER, _at("latency_ms.max")),
    }
    return tuple(metrics[key] for key in keys)


_EVENTS = Metric("events_per_second", "events/s", "events/s", HIGHER, _at("events_per_second"))
_TOTAL_TIME = Metric("total_time", "total time", "s", LOWER, _at("total_time_s"))

METRICS = {
    "cpu": (_EVENTS, *_latencies("avg", "p", "min", "max")),
    # The latencies of single operations are below the resolution of what sysbench prints.
    "memory": (
        Metric("operations_per_second", "operations/s", "operations/s", HIGHER, _at("operations_per_second")),
        Metric("mib_per_second", "throughput", "MiB/s", HIGHER, _at("mib_per_second")),
        *_latencies("max"),
    ),
    "threads": (_EVENTS, *_latencies("avg", "p", "max")),
    "mutex": (_TOTAL_TIME, *_latencies("avg", "max")),
    "fileio": (
        Metric("reads_per_second", "reads/s", "reads/s", HIGHER, _at("fileio.reads_per_second")),
        Metric("writes_per_second", "writes/s", "writes/s", HIGHER, _at("fileio.writes_per_second")),
        Metric("read_mib_per_second", "read throughput", "MiB/s", HIGHER, _at("fileio.read_mib_per_second")),
        Metric("written_mib_per_second", "write throughput", "MiB/s", HIGHER, _at("fileio.written_mib_per_second")),
        Metric("fsyncs_per_second", "fsyncs/s", "fsyncs/s", HIGHER, _at("fileio.fsyncs_per_second")),
        *_latencies("avg", "p", "max"),
    ),
}
"""By the test of sysbench."""

TOOLS = {
    "fio": (
        Metric("read_iops", "reads/s", "reads/s", HIGHER, _at("read.iops")),
        Metric("write_iops", "writes/s", "writes/s", HIGHER, _at("write.iops")),
        Metric("read_mib_per_second", "read throughput", "MiB/s", HIGHER, _at("read.mib_per_second")),
        Metric("write_mib_per_second", "write throughput", "MiB/s", HIGHER, _at("write.mib_per_second")),
        Metric("read_latency_avg", "average read latency", "ms", LOWER, _at("read.clat_ms.mean")),
        Metric("write_latency_avg", "average write latency", "ms", LOWER, _at("write.clat_ms.mean")),
        Metric("read_latency_p99", "99th percentile of read latency", "ms", LOWER, _at("read.clat_ms.p99")),
        Metric("write_latency_p99", "99th percentile of write latency", "ms", LOWER, _at("write.clat_ms.p99")),
    ),
    "iperf3": (
        Metric("gbit_per_second", "throughput", "Gbit/s", HIGHER, _at("received.gbit_per_second")),
        Metric("cpu_per_gbit", "CPU time of the client for a Gbit", "s", LOWER, _at("cpu_s_per_gbit")),
        Metric("retransmits", "retransmits", "segments", LOWER, _at("sent.retransmits"), zero=True),
        Metric("jitter", "jitter", "ms", LOWER, _at("jitter_ms")),
        Metric("lost", "lost datagrams", "%", LOWER, _at("lost_percent"), zero=True),
    ),
    "ping": (
        Metric("rtt_avg", "average round trip", "ms", LOWER, _at("rtt_ms.avg")),
        Metric("rtt_min", "shortest round trip", "ms", LOWER, _at("rtt_ms.min")),
        Metric("rtt_max", "longest round trip", "ms", LOWER, _at("rtt_ms.max")),
        Metric("rtt_mdev", "deviation of round trips", "ms", LOWER, _at("rtt_ms.mdev")),
        Metric("lost", "lost packets", "%", LOWER, _at("lost_percent"), zero=True),
    ),
    "cyclictest": (
        Metric("wakeup_avg", "average wakeup latency", "µs", LOWER, _at("wakeup_us.avg")),
        Metric("wakeup_min", "shortest wakeup latency", "µs", LOWER, _at("wakeup_us.min")),
        Metric("wakeup_max", "longest wakeup latency", "µs", LOWER, _at("wakeup_us.max")),
    ),
}
"""By the tool, for those that have one kind of result."""


def metrics_of(run: Mapping[str, Any]) -> tuple[Metric, ...]:
    """The numbers that may be in the result of a run; none where libvirt was asked and nothing was run."""
    return TOOLS.get(run["tool"]) or METRICS.get(run["result"].get("test", ""), ())


def named(label: str, unit: str) -> str:
    """The metric with its unit, where it has one that its name does not tell."""
    shown = known(unit) if unit else label
    return label if label == shown else f"{label}, {shown}"


def label_of(metric: Metric, result: Mapping[str, Any]) -> str:
    """The metric's name as it is shown; a percentile is named by its rank."""
    percentile = (result.get("latency_ms") or {}).get("percentile")
    if metric.key == "latency_percentile" and percentile:
        return say("{rank}th percentile of latency", rank=percentile["rank"])
    return known(metric.label)
