# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What sysbench 0.4, 0.5, 1.0 and 1.1 print, as numbers with units; anything less than a whole result is an error."""

from __future__ import annotations

import re
from typing import Any

from .._errors import HypervisorError
from . import grammar, legacy
from .lines import read

TESTS = ("cpu", "memory", "threads", "mutex", "fileio")

_VERSION = re.compile(r"^sysbench (\d\S*) ", re.MULTILINE)
_LATENCY = ("latency_ms.min", "latency_ms.avg", "latency_ms.max", "latency_ms.sum")
_TOTALS = ("events", "total_time_s", "fairness", *_LATENCY)
_OPERATIONS = ("operations", "operations_per_second")
_FILEIO = (
    "fileio.reads_per_second",
    "fileio.writes_per_second",
    "fileio.fsyncs_per_second",
    "fileio.read_mib_per_second",
    "fileio.written_mib_per_second",
)
_NEEDED = {
    "cpu": _TOTALS,
    "memory": (*_TOTALS, *_OPERATIONS),
    "threads": _TOTALS,
    "mutex": _TOTALS,
    "fileio": (*_TOTALS, *_FILEIO),
}
_EMPTY: dict[str, Any] = {
    "options": {},
    "threads": None,
    "events": None,
    "total_time_s": None,
    "events_per_second": None,
    "operations": None,
    "operations_per_second": None,
    "transferred_mib": None,
    "mib_per_second": None,
    "fileio": None,
    "fairness": None,
}


def parse(text: str, test: str) -> dict[str, Any]:
    """The result of C(sysbench TEST run); a key that the test or the version does not print is None."""
    is_old = _version(text).startswith(legacy.VERSIONS)
    if not is_old:
        _supported(text)
    lines = legacy.run_of(test) if is_old else grammar.run_of(test)
    found, state = read(text, lines, grammar.START, grammar.ANYWHERE)
    if is_old:
        found = {"build": "", **legacy.completed(found)}
    # fileio of 1.1 prints neither totals nor fairness: its result ends with the latencies.
    whole = state == grammar.END
    needed = _NEEDED[test]
    if test == "fileio" and found.get("version", "").startswith("1.1."):
        whole, needed = state == "latency", (*_LATENCY, *_FILEIO)
    missing = [path for path in needed if _get(found, path) is None]
    if missing or not whole:
        raise _truncated(text, missing)
    _needs_work(found, test)
    return _finished(found, test)


def parse_prepare(text: str) -> dict[str, Any]:
    """The result of C(sysbench fileio prepare)."""
    _supported(text)
    found, state = read(text, grammar.PREPARE, grammar.START, grammar.ANYWHERE)
    if state != grammar.END:
        raise _truncated(text, [])
    return {"bytes_written": 0, "mib_per_second": None, **found}


def parse_cleanup(text: str) -> dict[str, Any]:
    """The result of C(sysbench fileio cleanup)."""
    _supported(text)
    found, state = read(text, grammar.CLEANUP, grammar.START, grammar.ANYWHERE)
    if state != grammar.END:
        raise _truncated(text, [])
    return found


def _version(text: str) -> str:
    banner = _VERSION.search(text)
    return banner.group(1).rstrip(":") if banner else ""


def _supported(text: str) -> None:
    version = _version(text)
    if version and not version.startswith(("1.0.", "1.1.")):
        raise HypervisorError(
            f"sysbench {version} is not supported: install 1.0 or 1.1.", "UNSUPPORTED_VERSION", version=version
        )


def _truncated(text: str, missing: list[str]) -> HypervisorError:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    last = lines[-1] if lines else ""
    what = f"before {', '.join(missing)}" if missing else "before the last line"
    return HypervisorError(
        f"The output of sysbench ends {what}; its last line is {last!r}. Was it interrupted?",
        "TRUNCATED_OUTPUT",
        missing=missing,
        line=last,
    )


def _needs_work(found: dict[str, Any], test: str) -> None:
    """sysbench ends with code 0 even where it measured nothing."""
    fileio = found.get("fileio") or {}
    if not found.get("events", any(fileio.values())):
        raise HypervisorError(
            f"sysbench {test} did not finish a single event: give it more time, or less work for one event.",
            "NO_EVENTS",
        )


def _finished(found: dict[str, Any], test: str) -> dict[str, Any]:
    result = {**_EMPTY, **found, "test": test}
    result["latency_ms"] = {"percentile": None, **found["latency_ms"]}
    result["warnings"] = [row["text"] for row in found.get("warnings", [])]
    result["histogram"] = found.get("histogram", [])
    result["intervals"] = _intervals(found)
    result.pop("queue", None)
    if result["operations"] is not None:
        # The same number; but that of operations is printed with 32 bits before 1.0.5.
        result["operations"] = result["events"]
    if result["events_per_second"] is None and result["total_time_s"]:
        result["events_per_second"] = round(result["events"] / result["total_time_s"], 4)
    return result


def _intervals(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of --report-interval, each with its queue where --rate prints one; a disabled percentile is None."""
    queues = {row["time_s"]: row for row in found.get("queue", [])}
    rows = []
    for row in found.get("intervals", []):
        row = {**row, **queues.get(row["time_s"], {})}
        if "latency_ms" in row and not row["latency_ms"]["rank"]:
            row["latency_ms"] = None
        rows.append(row)
    return rows


def _get(found: dict[str, Any], path: str) -> Any:
    value: Any = found
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value
