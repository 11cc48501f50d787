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
    start, end = found.get("start", {}), found.get("end", {})
    test = start.get("test_start")
    if not test or not end:
        raise truncated("iperf3", "ends before its result", text)
    is_udp = test.get("protocol") == "UDP"
    sent = _sum(end, "sum_sent", "sum")
    received = _sum(end, "sum_received", "sum")
    if not received["bytes"]:
        raise HypervisorError("iperf3 received nothing: is a firewall between client and server?", "NO_EVENTS")
    return {
        "test": str(test.get("protocol", "")).lower(),
        "version": str(start.get("version", "")).replace("iperf ", ""),
        "options": {"streams": test["num_streams"], "reverse": bool(test["reverse"]), "time_s": test["duration"]},
        "warnings": warnings,
        "sent": {**sent, "retransmits": None if is_udp else end["sum_sent"].get("retransmits")},
        "received": received,
        "jitter_ms": number(end, "iperf3", "sum", "jitter_ms") if is_udp else None,
        "lost_percent": number(end, "iperf3", "sum", "lost_percent") if is_udp else None,
        "cpu_utilization_percent": _cpu(end),
        "cpu_s_per_gbit": _cpu_per_gbit(end, received),
        "congestion": end.get("sender_tcp_congestion"),
        "intervals": [_interval(entry["sum"]) for entry in found.get("intervals", [])],
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


def _interval(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "time_s": round(found["end"], 3),
        "gbit_per_second": found["bits_per_second"] / 1e9,
        "retransmits": found.get("retransmits"),
        "omitted": bool(found.get("omitted")),
    }
