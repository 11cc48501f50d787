# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results of a benchmark as the role bench collects them, made by the real parser from recorded outputs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.mini.hypervisor.plugins.module_utils._bench.sysbench import parse
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.collect import collect
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.experiments import DESIGNS, plan
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.experiments import collect as put_together
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.schedule import schedule
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.study import in_words

TESTS = Path(__file__).parents[4]
SAMPLES = TESTS / "unit/plugins/module_utils/_bench/samples"
REPORT = TESTS.parent / "roles/report"

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
    result = parse((SAMPLES / f"1.0.20-{test}.txt").read_text(), test)
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


@pytest.fixture
def measured() -> Callable[..., dict[str, Any]]:
    """C(measured(guest=[0.2, ...], native=[1.0, ...])) -> results, where each round was so fast."""

    def make(
        guest: list[float], native: list[float], clock: str = "tsc", metadata: dict[str, str] | None = None
    ) -> dict[str, Any]:
        tests = [{"name": "cpu", "test": "cpu"}, {"name": "memory", "test": "memory"}]
        speeds = {"lab": guest, "native": native}
        clocks = {"lab": clock, "native": "tsc"}
        runs = [
            {
                "item": item,
                "sysbench": run(
                    item["test"]["test"], speeds[item["target"]][item["round"] - 1], clocks[item["target"]]
                ),
            }
            for item in schedule(tests, len(guest), ["native", "lab"])
        ]
        domain = {
            "name": "lab-1",
            "type": "qemu",
            "machine": "pc-q35-7.2",
            "metadata": METADATA if metadata is None else metadata,
        }
        return collect(
            runs,
            runs[:2],
            hypervisor="hyper",
            settings={"rounds": len(guest), "time": 1, "native": "guest_userland", "tests": tests},
            host={
                "versions": {"qemu": "7.2.22", "libvirt": "9.0.0"},
                "accelerator": "tcg",
                "virtualization": {"under": "kvm"},
            },
            domains=[domain],
            names={"lab": "lab-1"},
        )

    return make


@pytest.fixture
def results(measured: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """Seven rounds of a guest that does a fifth."""
    return measured([0.2, 0.21, 0.19, 0.2, 0.2, 0.22, 0.18], [1.0, 1.01, 0.99, 1.0, 1.0, 1.02, 0.98])


@pytest.fixture
def study() -> dict[str, Any]:
    """The reference study that the role report ships, in English."""
    return in_words(yaml.safe_load((REPORT / "files/reference_study.yml").read_text()))


FACTS = {
    "accelerator": "tcg",
    "accelerator_reason": "kvm is not usable: there is no /dev/kvm",
    "accelerators": [
        {"name": "kvm", "usable": False, "reason": "there is no /dev/kvm"},
        {"name": "tcg", "usable": True, "reason": "guest code ran to the right answer in 0.4 s"},
    ],
    "counters": [{"name": "cycles", "what": "cycles", "available": False, "reason": "No such file or directory"}],
    "qemu": {"path": "/usr/bin/qemu-system-x86_64", "version": "7.2.22"},
    "qemu_user": "/usr/bin/qemu-x86_64",
    "sysbench": "/usr/bin/sysbench",
    "tsc_khz": 2445406,
    "usable_cpus": [0, 1],
}
JITTER = (1.0, 1.01, 0.99, 1.005, 0.995, 1.02, 0.98)
"""How far the rounds of an experiment lie from what they measure."""


@pytest.fixture
def experiment() -> Callable[..., dict[str, Any]]:
    """C(experiment("quick", speed)) -> an experiment, where C(speed(variant, test, guest)) is what each run does."""

    def make(
        kind: str, speed: Callable[[str, str, int], float], rounds: int = 7, fail: str = "", **facts: Any
    ) -> dict[str, Any]:
        known = {**FACTS, **facts}
        design = DESIGNS[kind](known, 1)
        tests = {test["name"]: test for test in design["tests"]}

        def measured(item: dict[str, Any], test: str, guest: int) -> dict[str, Any]:
            # Variants do not deviate in the same rounds.
            place = item["round"] + len(item["variant"]) + guest
            found = run(tests[test]["test"] if tests[test]["test"] != "threads" else "cpu", 1.0, "tsc")
            rate = speed(item["variant"], test, guest) * JITTER[place % len(JITTER)]
            found.update(events_per_second=rate, operations_per_second=rate, name=test)
            return found

        def returned(item: dict[str, Any]) -> list[dict[str, Any]]:
            names = item["settings"]["tests"]
            if item["variant"] == fail:
                return [{"failed": False, "msg": "QEMU stopped it"}]
            if item["settings"]["substrate"] != "guest":
                return [{"item": tests[name], "sysbench": measured(item, name, 0)} for name in names]
            many = len(item["settings"]["options"].get("guests", [{}]))
            guests = [
                {
                    "boot_s": 2.5,
                    "environment": {"last": {"cpus": 1}},
                    "settings": {"vcpus": 1},
                    "command": ["qemu"],
                    "runs": [{**measured(item, name, number), "wait_percent": 10.0 * many} for name in names],
                }
                for number in range(1, many + 1)
            ]
            return [{"probe": {"guests": guests}}]

        done = [{"item": item, "results": returned(item)} for item in plan(design, rounds)]
        return put_together(design, known, done)

    return make
