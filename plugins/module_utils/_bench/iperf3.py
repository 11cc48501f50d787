# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What iperf3 prints as JSON, as numbers with units; anything less than a whole result is an error."""

from __future__ import annotations

from typing import Any, Mapping

from .._errors import HypervisorError
from .documents import document, number, truncated


def parse(text: str) -> dict[str, Any]:
    """The result of a client; what a protocol does not have is None."""
    found, warnings = document(text, "iperf3")
    if found.get("error"):
        raise HypervisorError(f"iperf3 failed: {found['error']}.", "IPERF3_FAILED")
    start, end = _object(found, "start"), _object(found, "end")
    test = _object(start, "test_start")
    if not test or not end:
        raise truncated("iperf3", "ends before its result", text)
    is_udp = test.get("protocol") == "UDP"
    sent = _sum(end, "sum_sent", "sum")
    received = _sum(end, "sum_received", "sum")
    if not received["bytes"] or not received["seconds"] or not received["gbit_per_second"]:
        raise HypervisorError("iperf3 received nothing: is a firewall between client and server?", "NO_EVENTS")
    return {
        "test": str(test.get("protocol", "")).lower(),
        "version": str(start.get("version", "")).replace("iperf ", ""),
        "options": {
            "streams": number(test, "iperf3", "num_streams"),
            "reverse": bool(number(test, "iperf3", "reverse")),
            "time_s": number(test, "iperf3", "duration"),
        },
        "warnings": warnings,
        "sent": {**sent, "retransmits": None if is_udp else _retransmits(_object(end, "sum_sent"))},
        "received": received,
        "jitter_ms": number(end, "iperf3", "sum", "jitter_ms") if is_udp else None,
        "lost_percent": number(end, "iperf3", "sum", "lost_percent") if is_udp else None,
        "cpu_utilization_percent": _cpu(end),
        "cpu_s_per_gbit": _cpu_per_gbit(end, received),
        "congestion": end.get("sender_tcp_congestion"),
        "intervals": [_interval(entry) for entry in _list(found, "intervals")],
        "events": None,
        "total_time_s": received["seconds"],
        "events_per_second": None,
        "operations": None,
        "transferred_mib": received["bytes"] / 2**20,
        "mib_per_second": received["bytes"] / 2**20 / received["seconds"],
        "latency_ms": {"min": None, "avg": None, "max": None, "percentile": None},
    }


def _sum(end: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The first sum that there is: versions before 3.7 have but one for UDP."""
    name = next((name for name in names if name in end), names[0])
    return {
        "bytes": number(end, "iperf3", name, "bytes"),
        "seconds": number(end, "iperf3", name, "seconds"),
        "gbit_per_second": number(end, "iperf3", name, "bits_per_second") / 1e9,
    }


def _cpu(end: Mapping[str, Any]) -> dict[str, float]:
    """Of a CPU; above 100 where several were busy."""
    names = {"local": "host_total", "remote": "remote_total"}
    return {key: number(end, "iperf3", "cpu_utilization_percent", name) for key, name in names.items()}


def _cpu_per_gbit(end: Mapping[str, Any], received: Mapping[str, Any]) -> float:
    rate: float = received["gbit_per_second"]
    return _cpu(end)["local"] / 100 / rate


def _object(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object of that name; empty where it is missing, or something else."""
    value = found.get(name)
    return value if isinstance(value, Mapping) else {}


def _list(found: Mapping[str, Any], name: str) -> list[Any]:
    value = found.get(name)
    return value if isinstance(value, list) else []


def _retransmits(found: Mapping[str, Any]) -> int | None:
    """Only some systems count them."""
    value = found.get("retransmits")
    return value if isinstance(value, int) else None


def _interval(entry: Any) -> dict[str, Any]:
    found = _object(entry, "sum") if isinstance(entry, Mapping) else {}
    return {
        "time_s": round(number(found, "iperf3", "end"), 3),
        "gbit_per_second": number(found, "iperf3", "bits_per_second") / 1e9,
        "retransmits": _retransmits(found),
        "omitted": bool(found.get("omitted")),
    }
