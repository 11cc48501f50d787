# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results of a benchmark as the role bench collects them, made by the real parser from recorded outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.mini.hypervisor.plugins.module_utils._bench.sysbench import parse
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.collect import collect
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.schedule import schedule

TESTS = Path(__file__).parents[1]
SAMPLES = TESTS / "unit/plugins/module_utils/_bench/samples"

METADATA = {
    "image": "debian-12-built",
    "image_requested": "ubuntu-20.04",
    "image_fallback": "build",
    "image_reason": "cloud-images.ubuntu.com cannot be reached",
    "image_sha256": "ab" * 32,
    "accelerator": "tcg",
    "accelerator_reason": "QEMU stopped: failed to set MSR 0x10a",
    "profile": "tuned",
    "address": "192.168.122.10",
}


def run(test: str, factor: float, clock: str) -> dict[str, Any]:
    """What sysbench_run returns for a recorded output that is C(factor) as fast as recorded."""
    result = parse((SAMPLES / f"1.0.20-{test}.txt").read_text(), test.split("-")[0])
    for key in ("events_per_second", "operations_per_second", "mib_per_second"):
        if result[key] is not None:
            result[key] *= factor
    for key in ("min", "avg", "max"):
        result["latency_ms"][key] /= factor
    result["latency_ms"]["percentile"]["value"] /= factor
    result["events"] = round(result["events"] * factor)
    environment = {
        "architecture": "x86_64",
        "kernel": "6.1.0",
        "os": "Debian GNU/Linux 12 (bookworm)",
        "cpu_model": "Some <CPU> | 1",
        "cpus": 2,
        "memory_mib": 2854,
        "clock_source": {"current": clock, "available": ["tsc", "hpet"]},
        "governor": None,
        "uptime_s": 100,
    }
    return {
        **result,
        "command": ["/usr/bin/sysbench", test, "run"],
        "executable": {"path": "/usr/bin/sysbench", "sha256": "cd" * 32},
        "started": "2026-01-31T12:00:00Z",
        "wall_time_s": 1.01,
        "load_average": {"before": [0.1, 0.1, 0.1], "after": [0.2, 0.1, 0.1]},
        "cpu_percent": {"user": 50.0, "idle": 50.0, "steal": 0.0},
        "environment": environment,
    }


def measured(
    guest: list[float],
    native: list[float],
    clock: str = "tsc",
    metadata: dict[str, str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """C(measured([0.2, ...], [1.0, ...])) -> results, where each round was so fast; C(more) is for C(collect)."""
    tests = [{"name": "cpu", "test": "cpu"}, {"name": "memory", "test": "memory"}]
    speeds = {"lab": guest, "native": native}
    clocks = {"lab": clock, "native": "tsc"}
    runs = [
        {
            "item": item,
            "sysbench": run(item["test"]["test"], speeds[item["target"]][item["round"] - 1], clocks[item["target"]]),
        }
        for call in schedule(tests, len(guest), ["native", "lab"])
        for item in call["runs"]
    ]
    domain = {
        "name": "lab-1",
        "type": "qemu",
        "machine": "pc-q35-7.2",
        "metadata": METADATA if metadata is None else metadata,
    }
    return collect(
        runs,
        runs[: 2 * len(tests) : len(tests)],
        hypervisor="hyper",
        settings={"rounds": len(guest), "time": 1, "native": "guest_userland", "tests": tests},
        host={
            "versions": {"qemu": "7.2.22", "libvirt": "9.0.0"},
            "accelerator": "tcg",
            "virtualization": {"under": "kvm"},
        },
        domains=[domain],
        names={"lab": "lab-1"},
        **more,
    )
