# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Limits that a guest was given while it ran: what was asked, what came of it, and whether that is the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KIND = "resources"


@dataclass(frozen=True)
class Limit:
    """A limit, and the shares of what was asked between which it is said to hold."""

    unit: str
    low: float
    high: float


LIMITS = {
    # The looks fall anywhere into the slices of 100 ms.
    "cpu_quota": Limit("%", 0.9, 1.1),
    "cpu_pinning": Limit("%", 1.0, 1.0),
    # The guest's kernel keeps a part of its memory for itself.
    "memory": Limit("MiB", 0.85, 1.0),
    "balloon": Limit("MiB", 0.98, 1.02),
    # QEMU lets a tenth of a second's requests through at once.
    "disk_limit": Limit("requests/s", 0.85, 1.05),
    "network_limit": Limit("Mbit/s", 0.8, 1.1),
}


def experiment(rows: Sequence[Mapping[str, Any]], guest: str, started: str) -> dict[str, Any]:
    """The experiment as results hold it, from rows of C(name), C(reason), C(asked), C(measured) and C(rounds).

    C(measured_on) names another guest than the one that the others were measured on, C(resident_kib) what QEMU took
    from the host before and meanwhile.
    """
    runs: list[dict[str, Any]] = []
    for row in rows:
        measured = row.get("rounds", [])
        if not row["reason"]:
            measured = [*measured, {"tool": "libvirt", "result": judged(row)}]
        for each in measured:
            place = {"position": len(runs) + 1, "round": 1, "variant": row["name"], "test": row["name"]}
            runs.append({**place, **each})
    return {
        "kind": KIND,
        "started": started,
        "settings": {"guest": guest},
        "variants": [
            {
                "name": row["name"],
                "label": row["name"],
                "settings": {} if row["reason"] else {"asked": float(row["asked"])},
                "available": not row["reason"],
                "reason": row["reason"],
            }
            for row in rows
        ],
        "runs": runs,
    }


def judged(row: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked and measured, between which bounds it holds, and whether it does."""
    limit, asked, measured = LIMITS[row["name"]], float(row["asked"]), float(row["measured"])
    low, high = asked * limit.low, asked * limit.high
    return {
        "asked": asked,
        "measured": measured,
        "unit": limit.unit,
        "low": low,
        "high": high,
        "holds": low <= measured <= high,
        "measured_on": row.get("measured_on", ""),
        "resident_mib": [int(kib) / 1024 for kib in row.get("resident_kib", [])],
    }
