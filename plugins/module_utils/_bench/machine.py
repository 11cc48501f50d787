# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What a machine is and does, read from /proc and /sys: no privilege, no tools, microseconds."""

from __future__ import annotations

import datetime
import os
import platform
import re
from pathlib import Path
from typing import Any, Mapping

_CLOCK_SOURCE = "/sys/devices/system/clocksource/clocksource0"
_CPUS = "/sys/devices/system/cpu"
_CPU_FIELDS = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")


def now() -> str:
    """The time, UTC, ISO 8601."""
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def load_average() -> list[float]:
    """The load averages of 1, 5 and 15 minutes."""
    return [round(value, 2) for value in os.getloadavg()]


def cpu_times(stat: str | None = None) -> dict[str, int]:
    """The time that all CPUs together spent since boot, in ticks."""
    line = (_read("/proc/stat") if stat is None else stat).split("\n", 1)[0]
    return dict(zip(_CPU_FIELDS, (int(value) for value in line.split()[1:])))


def cpu_percent(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, float] | None:
    """How all CPUs together spent the time between two readings; None where the clock did not tick."""
    spent = {name: after[name] - before[name] for name in after if name in before}
    total = sum(spent.values())
    return {name: round(100 * ticks / total, 2) for name, ticks in spent.items()} if total > 0 else None


def frequency_mhz() -> float | None:
    """The frequency of the CPUs on average, None where the kernel does not tell."""
    found = [int(value) for value in map(_read, _cpu_files("cpufreq/scaling_cur_freq")) if value.strip().isdigit()]
    return round(sum(found) / len(found) / 1000, 1) if found else None


def throttle_count() -> int | None:
    """How often the CPUs were slowed down since boot because they were too hot, None where the kernel does not tell."""
    counters = ("thermal_throttle/core_throttle_count", "thermal_throttle/package_throttle_count")
    texts = [_read(path) for counter in counters for path in _cpu_files(counter)]
    found = [int(value) for value in texts if value.strip().isdigit()]
    return sum(found) if found else None


def environment() -> dict[str, Any]:
    """What a measurement depends on: processor, memory, kernel, clock. What cannot be read is empty or None."""
    return {
        "architecture": platform.machine(),
        "kernel": platform.release(),
        "os": _field(_read("/etc/os-release"), r'^PRETTY_NAME="?([^"\n]*)'),
        "cpu_model": _field(_read("/proc/cpuinfo"), r"^model name\s*:\s*(.*)$") or platform.machine(),
        "cpus": len(os.sched_getaffinity(0)),
        "memory_mib": int(_field(_read("/proc/meminfo"), r"^MemTotal:\s*(\d+)") or 0) // 1024,
        "clock_source": {
            "current": _read(f"{_CLOCK_SOURCE}/current_clocksource").strip(),
            "available": _read(f"{_CLOCK_SOURCE}/available_clocksource").split(),
        },
        "governor": _read(f"{_CPUS}/cpu0/cpufreq/scaling_governor").strip() or None,
        "uptime_s": int(float(_read("/proc/uptime").split(" ")[0] or 0)),
    }


def _cpu_files(name: str) -> list[str]:
    return [str(path) for path in sorted(Path(_CPUS).glob(f"cpu[0-9]*/{name}"))]


def _field(text: str, pattern: str) -> str:
    match = re.search(pattern, text, re.MULTILINE)
    return match.group(1).strip() if match else ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
