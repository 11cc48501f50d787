# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What an experiment compares: one variant is one way of running the same tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

NATIVE, USER, GUEST = "native", "user", "guest"
"""The substrates: this machine itself, QEMU's user mode on it, a probe guest."""

RELIABLE_TSC = "tsc=reliable clocksource=tsc"
"""Without it the kernel of an emulated machine with several processors distrusts the time stamp counter."""


def variant(
    name: str,
    label: str,
    substrate: str,
    tests: Sequence[str],
    *,
    unavailable: str = "",
    **options: Any,
) -> dict[str, Any]:
    """A variant; C(options) are those of probe_run, and C(unavailable) says why it cannot run here."""
    return {
        "name": name,
        "label": label,
        "settings": {"substrate": substrate, "tests": list(tests), "options": options},
        "available": not unavailable,
        "reason": unavailable,
    }


def refused(facts: Mapping[str, Any], accelerator: str) -> str:
    """Why an accelerator cannot be used on the host; empty where it can."""
    found = next((entry for entry in facts["accelerators"] if entry["name"] == accelerator), None)
    if found is None:
        return "it was not examined"
    return "" if found["usable"] else str(found["reason"])


def tsc(facts: Mapping[str, Any]) -> str:
    """The kernel arguments for a clock of the time stamp counter, with its frequency where the host knows it."""
    frequency = facts.get("tsc_khz")
    return f"{RELIABLE_TSC} tsc_early_khz={frequency}" if frequency else RELIABLE_TSC


def cpu(seconds: int) -> dict[str, Any]:
    """The reference test of the processor."""
    return {"name": "cpu", "test": "cpu", "time": seconds}


def memory(seconds: int, name: str = "memory", **options: Any) -> dict[str, Any]:
    """The reference test of memory, in blocks of 1 KiB, or one that differs in an option."""
    return {"name": name, "test": "memory", "time": seconds, "memory_total_size": "100T", **options}


def disk(seconds: int, name: str) -> dict[str, Any]:
    """Random reads and writes in small blocks, several at once, past the guest's own cache; some wait for the disk."""
    return {
        "name": name,
        "test": "fileio",
        "time": seconds,
        "threads": 4,
        "file_test_mode": "rndrw",
        "file_block_size": 4096,
        "file_extra_flags": ["direct"],
    }
