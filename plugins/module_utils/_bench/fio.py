# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What fio 3 prints as JSON, as numbers with units; anything less than a whole result is an error."""

from __future__ import annotations

import os
import re
from typing import Any, Mapping

from .._errors import HypervisorError
from .documents import document, number, truncated

_MIB = 2**20
_TIMES = ("min", "max", "mean", "stddev")


def parse(text: str) -> dict[str, Any]:
    """The result of one group of jobs; a direction without I/O is None."""
    found, warnings = document(text, "fio")
    version = _supported(found)
    jobs = found.get("jobs")
    if not isinstance(jobs, list) or not jobs:
        raise truncated("fio", "has no job", text)
    if len(jobs) > 1:
        raise HypervisorError(f"fio reports {len(jobs)} jobs: run it with group_reporting.", "UNKNOWN_OUTPUT")
    job = jobs[0]
    if job.get("error"):
        raise HypervisorError(f"fio failed: {os.strerror(job['error'])}.", "FIO_FAILED", error=job["error"])
    directions = {name: _direction(job.get(name), name) for name in ("read", "write")}
    done = [entry for entry in directions.values() if entry]
    if not done:
        raise HypervisorError("fio did not finish a single read or write: give it more time.", "NO_EVENTS")
    options = {**found.get("global options", {}), **job.get("job options", {})}
    return {
        "test": options.get("rw", "read"),
        "version": version,
        "options": options,
        "warnings": warnings,
        **directions,
        **_together(done),
        "cpu": {
            "user_percent": number(job, "fio", "usr_cpu"),
            "system_percent": number(job, "fio", "sys_cpu"),
            "context_switches": number(job, "fio", "ctx"),
            "major_faults": number(job, "fio", "majf"),
            "minor_faults": number(job, "fio", "minf"),
        },
        "disks": [{"name": disk.get("name"), "busy_percent": disk.get("util")} for disk in found.get("disk_util", [])],
    }


def _supported(found: Mapping[str, Any]) -> str:
    version = str(found.get("fio version", ""))
    match = re.match(r"fio-(\d+)\.", version)
    if match is None:
        raise truncated("fio", "does not say its version", "")
    if int(match.group(1)) < 3:
        raise HypervisorError(
            f"{version} is not supported, its latencies have other units: install fio 3.", "UNSUPPORTED_VERSION"
        )
    return version[len("fio-") :]


def _direction(found: Mapping[str, Any] | None, name: str) -> dict[str, Any] | None:
    if found is None:
        raise truncated("fio", f"has no {name}", "")
    if not number(found, "fio", "io_bytes"):
        return None
    clat = _milliseconds(found, "clat_ns")
    for rank, value in found["clat_ns"].get("percentile", {}).items():
        clat[f"p{float(rank):g}".replace(".", "_")] = value / 1e6
    return {
        "iops": number(found, "fio", "iops"),
        "mib_per_second": number(found, "fio", "bw_bytes") / _MIB,
        "total_ios": number(found, "fio", "total_ios"),
        "io_bytes": number(found, "fio", "io_bytes"),
        "runtime_s": number(found, "fio", "runtime") / 1000,
        "slat_ms": _milliseconds(found, "slat_ns"),
        "clat_ms": clat,
        "lat_ms": _milliseconds(found, "lat_ns"),
    }


def _milliseconds(found: Mapping[str, Any], name: str) -> dict[str, float]:
    return {key: number(found, "fio", name, key) / 1e6 for key in _TIMES}


def _together(done: list[dict[str, Any]]) -> dict[str, Any]:
    """Reads and writes as the events that every tool's result has."""
    total = sum(entry["total_ios"] for entry in done)
    waited = sum(entry["lat_ms"]["mean"] * entry["total_ios"] for entry in done)
    return {
        "events": total,
        "total_time_s": max(entry["runtime_s"] for entry in done),
        "events_per_second": sum(entry["iops"] for entry in done),
        "operations": None,
        "transferred_mib": sum(entry["io_bytes"] for entry in done) / _MIB,
        "mib_per_second": sum(entry["mib_per_second"] for entry in done),
        "latency_ms": {
            "min": min(entry["lat_ms"]["min"] for entry in done),
            "avg": waited / total if total else None,
            "max": max(entry["lat_ms"]["max"] for entry in done),
            "percentile": None,
        },
    }
