# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What ping of iputils prints with -q, as numbers with units; anything less than a whole result is an error."""

from __future__ import annotations

from typing import Any

from .._errors import HypervisorError
from .documents import truncated
from .lines import Rule, read

_START, _COUNTED, _END = "start", "counted", "end"
_COUNTS = "{sent:d} packets transmitted, {received:d} received"
_REST = "{lost_percent:g}% packet loss, time {total_ms:d}ms"
_TIMES = "{rtt_ms.min:.3}/{rtt_ms.avg:.3}/{rtt_ms.max:.3}/{rtt_ms.mdev:.3} ms"

_GRAMMAR = {
    _START: (
        Rule("PING {:s} bytes of data."),
        Rule("PING {:s} data bytes"),
        Rule("--- {:s} ping statistics ---", goto=_COUNTED),
    ),
    _COUNTED: (
        Rule(f"{_COUNTS}, {_REST}", goto=_END),
        Rule(f"{_COUNTS}, +{{duplicates:d}} duplicates, {_REST}", goto=_END),
        Rule(f"{_COUNTS}, +{{errors:d}} errors, {_REST}", goto=_END),
        Rule(f"{_COUNTS}, +{{duplicates:d}} duplicates, +{{errors:d}} errors, {_REST}", goto=_END),
    ),
    _END: (
        Rule(f"rtt min/avg/max/mdev = {_TIMES}"),
        Rule(f"rtt min/avg/max/mdev = {_TIMES}, pipe {{:d}}"),
        Rule("pipe {:d}"),
    ),
}


def parse(text: str) -> dict[str, Any]:
    """The result of C(ping -n -q)."""
    found, state = read(text, _GRAMMAR, _START)
    if state != _END:
        raise truncated("ping", "ends before its statistics", text)
    if not found["received"]:
        raise HypervisorError(
            "Not one answer came: is the address right, and does a firewall let ping pass?", "NO_EVENTS"
        )
    if "rtt_ms" not in found:
        raise truncated("ping", "ends before the round trips", text)
    seconds = found.pop("total_ms") / 1000
    return {
        "duplicates": 0,
        "errors": 0,
        **found,
        "test": "ping",
        "options": {},
        "warnings": [],
        "events": found["received"],
        "total_time_s": seconds,
        "events_per_second": None,
        "operations": None,
        "transferred_mib": None,
        "mib_per_second": None,
        "latency_ms": {**{key: found["rtt_ms"][key] for key in ("min", "avg", "max")}, "percentile": None},
    }
