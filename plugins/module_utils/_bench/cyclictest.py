# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What cyclictest writes as JSON, or prints where it is older; anything less than a whole result is an error."""

from __future__ import annotations

import re
from typing import Any, Mapping, Sequence

from .._errors import HypervisorError
from .documents import document, number, truncated
from .lines import Rule, read

_ONLY = "only"
_GRAMMAR = {
    _ONLY: (
        Rule("# /dev/cpu_dma_latency set to {:d}us"),
        Rule("T:{:d} ({:d}) P:{:d} I:{:d} C:{cycles:d} Min:{min:d} Act:{:d} Avg:{avg:d} Max:{max:d}", append="threads"),
    )
}


def parse_json(text: str) -> dict[str, Any]:
    """The result in the file of C(--json)."""
    found = document(text, "cyclictest")[0].get("thread")
    if not isinstance(found, Mapping):
        raise truncated("cyclictest", "has no thread", text)
    return _result([_thread(thread) for thread in found.values()])


def parse_text(text: str) -> dict[str, Any]:
    """The result that C(--quiet) prints, with averages in whole microseconds."""
    if not text.endswith("\n"):
        raise truncated("cyclictest", "ends within a line", text)
    found, _state = read(re.sub(r": +", ":", text), _GRAMMAR, _ONLY)
    return _result(found.get("threads", []))


def _thread(found: Mapping[str, Any]) -> dict[str, Any]:
    return {key: number(found, "cyclictest", key) for key in ("cycles", "min", "avg", "max")}


def _result(threads: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    if not threads:
        raise truncated("cyclictest", "has no thread", "")
    if not all(thread["cycles"] for thread in threads):
        raise HypervisorError("A thread of cyclictest did not wake up once: give it more time.", "NO_EVENTS")
    cycles = sum(thread["cycles"] for thread in threads)
    wakeup = {
        "min": min(thread["min"] for thread in threads),
        "avg": sum(thread["avg"] * thread["cycles"] for thread in threads) / cycles,
        "max": max(thread["max"] for thread in threads),
    }
    return {
        "test": "wakeup",
        "options": {},
        "warnings": [],
        "wakeup_us": wakeup,
        "threads": [
            {"cycles": thread["cycles"], "wakeup_us": {key: thread[key] for key in ("min", "avg", "max")}}
            for thread in threads
        ],
        "events": cycles,
        "total_time_s": None,
        "events_per_second": None,
        "operations": None,
        "transferred_mib": None,
        "mib_per_second": None,
        "latency_ms": {**{key: value / 1000 for key, value in wakeup.items()}, "percentile": None},
    }
