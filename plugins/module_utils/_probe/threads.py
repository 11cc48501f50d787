# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The threads of a QEMU process that run its virtual CPUs, and how long each ran and waited for a processor.

A guest under TCG does not see stolen time. The host's scheduler knows it exactly.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Mapping, NamedTuple


class Reading(NamedTuple):
    """What C(times) gave, and when by a clock in seconds."""

    when: float
    times: Mapping[int, tuple[int, int]]


def times(pid: int, proc: Path = Path("/proc")) -> dict[int, tuple[int, int]]:
    """Nanoseconds that each virtual CPU's thread ran and waited so far, by thread."""
    found = {}
    for task in sorted(proc.glob(f"{pid}/task/*"), key=lambda path: int(path.name)):
        try:
            # Named "CPU 0/TCG" and so on; "ALL CPUs/TCG" where one thread runs them all.
            if (task / "comm").read_text(encoding="utf-8").startswith(("CPU ", "ALL CPUs")):
                ran, waited = (task / "schedstat").read_text(encoding="utf-8").split()[:2]
                found[int(task.name)] = (int(ran), int(waited))
        except OSError:
            continue  # the thread, or the whole process, has just ended
    return found


def spent(before: Reading, after: Reading) -> dict[str, Any]:
    """How the threads spent the time between two readings, C(elapsed_s); C(run_percent) is in percent of a CPU.

    C(wait_percent) is None where none of them did anything.
    """
    threads = [
        {
            "tid": tid,
            "run_s": round((after.times[tid][0] - before.times[tid][0]) / 1e9, 4),
            "wait_s": round((after.times[tid][1] - before.times[tid][1]) / 1e9, 4),
        }
        for tid in after.times
        if tid in before.times
    ]
    ran, waited = sum(thread["run_s"] for thread in threads), sum(thread["wait_s"] for thread in threads)
    return {
        "vcpu_threads": threads,
        "elapsed_s": round(after.when - before.when, 4),
        "run_percent": round(100 * ran / (after.when - before.when), 2),
        "wait_percent": round(100 * waited / (ran + waited), 2) if ran + waited > 0 else None,
    }
