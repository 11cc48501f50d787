# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""How long the host kept a guest's virtual processors waiting, from what libvirt counted between two readings.

A guest under TCG does not see stolen time; the host's scheduler knows it (C(vcpu.N.time) and C(vcpu.N.delay)).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

Readings = Sequence[Mapping[str, Any]]
"""What was read after each round, in order: C(boot), C(round) (0 before the first of a boot) and C(read), the results
of C(virt_domain_info) for each guest, which is their C(item). What is no domain, or did not run, has no statistics.

A second reading of a round is that of a guest that was nested in between, whose boot is no part of a round.
"""


def waits(readings: Readings) -> list[dict[str, Any]]:
    """What each guest's virtual processors did in each round: seconds that they ran, and waited for a processor."""
    return [
        {"boot": after["boot"], "round": after["round"], "target": guest, "run_s": ran / 1e9, "wait_s": waited / 1e9}
        for before, after in pairwise(readings)
        if before["boot"] == after["boot"] and before["round"] != after["round"]
        for guest, ran, waited in _spent(_counted(before), _counted(after))
    ]


def share(entry: Mapping[str, Any]) -> float:
    """The share that they waited of the time in which they wanted to run; 0 where they did not."""
    wanted = entry["run_s"] + entry["wait_s"]
    return float(entry["wait_s"] / wanted) if wanted else 0.0


def _spent(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, int, int]]:
    for guest in after:
        if guest in before:
            ran, waited = (new - old for old, new in zip(before[guest], after[guest], strict=True))
            if ran >= 0 and waited >= 0:  # else it was restarted in between
                yield guest, ran, waited


def _counted(reading: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Nanoseconds that all virtual processors of a guest ran and waited until then, by guest."""
    found = {}
    for task in reading["read"]:
        vcpus = [vcpu for domain in task.get("domains", []) for vcpu in domain["statistics"].get("vcpus", [])]
        if vcpus and all("delay" in vcpu for vcpu in vcpus):  # a kernel without schedstats does not tell it
            found[task["item"]] = (sum(vcpu["time"] for vcpu in vcpus), sum(vcpu["delay"] for vcpu in vcpus))
    return found
