# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The machine: its operating system, processors and memory."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

from .files import read

_CPUS = Path("/sys/devices/system/cpu")
_NODES = Path("/sys/devices/system/node")


def operating_system(text: str | None = None) -> dict[str, str | None]:
    """The distribution, from os-release (a file of shell assignments)."""
    found: dict[str, str] = {}
    for line in (read("/etc/os-release") if text is None else text).splitlines():
        name, assigned, value = line.partition("=")
        if assigned and not name.startswith("#"):
            found[name.strip()] = "".join(shlex.split(value))
    return {"id": found.get("ID"), "version": found.get("VERSION_ID"), "pretty": found.get("PRETTY_NAME")}


def node() -> dict[str, Any]:
    """Processors and memory. C(cores) are per socket, C(threads) per core, memory is in bytes."""
    memory = memory_info(read("/proc/meminfo"))
    return {
        "cpu_model": cpu_field("model name"),
        **topology(),
        "numa_nodes": len(list(_NODES.glob("node[0-9]*"))) or 1,
        "memory": memory.get("MemTotal"),
        "memory_free": memory.get("MemAvailable"),
        "tsc_khz": tsc_khz(cpu_field("flags") or "", cpu_field("cpu MHz") or "", _CPUS),
    }


def tsc_khz(flags: str, megahertz: str, cpus: Path) -> int | None:
    """The frequency of the time stamp counter, where it is certain.

    The kernel tells that of the processor, which is the counter's own where neither changes nor can be measured.
    """
    known = set(flags.split())
    changes = "aperfmperf" in known or (cpus / "cpu0/cpufreq").exists()
    return round(float(megahertz) * 1000) if megahertz and "constant_tsc" in known and not changes else None


def cpu_field(name: str) -> str | None:
    """A line of /proc/cpuinfo, as the first processor has it."""
    match = re.search(rf"^{name}\s*:\s*(.*)$", read("/proc/cpuinfo"), re.MULTILINE)
    return match.group(1) if match else None


def memory_info(text: str) -> dict[str, int]:
    """/proc/meminfo in bytes."""
    return {name: int(number) * 1024 for name, number in re.findall(r"^(\w+):\s+(\d+) kB$", text, re.MULTILINE)}


def topology(cpus: Path = _CPUS) -> dict[str, int]:
    """How the online processors are grouped."""
    places = []
    for cpu in cpus.glob("cpu[0-9]*/topology"):
        places.append((read(cpu / "physical_package_id").strip(), read(cpu / "core_id").strip()))
    sockets = len({socket for socket, _core in places}) or 1
    cores = len(set(places)) or 1
    return {
        "cpus": len(places) or 1,
        "sockets": sockets,
        "cores": cores // sockets,
        "threads": max(1, len(places) // cores),
    }
