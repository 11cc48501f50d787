# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import results as builder

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.experiments import DESIGNS, plan
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.experiments import collect as put_together
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.study import in_words

REPORT = Path(__file__).parents[5] / "roles/report"


@pytest.fixture
def measured() -> Callable[..., dict[str, Any]]:
    """Makes results of rounds that were so fast."""
    return builder.measured


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
    "cpu_limits": {"reason": ""},
    "counters": [
        {"name": "cycles", "what": "cycles", "available": False, "reason": "No such file or directory"},
        {"name": "context_switches", "what": "context switches", "available": True, "reason": ""},
    ],
    "qemu": {"path": "/usr/bin/qemu-system-x86_64", "version": "7.2.22"},
    "qemu_user": "/usr/bin/qemu-x86_64",
    "sysbench": "/usr/bin/sysbench",
    "tsc_khz": 2445406,
    "usable_cpus": [0, 1],
}
RECORDED = {"threads": "cpu", "fileio": "fileio-rndrw"}
"""Of what a test that is called otherwise was recorded."""
JITTER = (1.0, 1.01, 0.99, 1.005, 0.995, 1.02, 0.98)
"""How far the rounds of an experiment lie from what they measure."""


@pytest.fixture
def experiment() -> Callable[..., dict[str, Any]]:
    """C(experiment("quick", speed)) -> an experiment, where C(speed(variant, test, guest)) is what each run does.

    C(ran(variant, guest)) is how much of a CPU each guest had, in percent.
    """

    def make(
        kind: str,
        speed: Callable[[str, str, int], float],
        rounds: int = 7,
        fail: str = "",
        ran: Callable[[str, int], float] = lambda variant, guest: 99.0,
        **facts: Any,
    ) -> dict[str, Any]:
        known = {**FACTS, **facts}
        design = DESIGNS[kind](known, 1)
        tests = {test["name"]: test for test in design["tests"]}

        def measured(item: dict[str, Any], test: str, guest: int) -> dict[str, Any]:
            # Variants do not deviate in the same rounds.
            place = item["round"] + len(item["variant"]) + guest
            recorded = tests[test]["test"]
            found = builder.run(RECORDED.get(recorded, recorded), 1.0, "tsc")
            rate = speed(item["variant"], test, guest) * JITTER[place % len(JITTER)]
            if found["fileio"]:
                found["fileio"]["reads_per_second"] = rate
            found.update(events_per_second=rate, operations_per_second=rate, name=test)
            return found

        def counted(options: dict[str, Any]) -> dict[str, Any]:
            found = {"cycles": None, "context_switches": 500, "page_faults": 25}
            return {"elapsed_s": 1.25, "perf": found if options.get("perf") else {}}

        def returned(item: dict[str, Any]) -> list[dict[str, Any]]:
            names = item["settings"]["tests"]
            if item["variant"] == fail:
                return [{"failed": False, "msg": "QEMU stopped it"}]
            if item["settings"]["substrate"] != "guest":
                return [{"item": tests[name], "sysbench": measured(item, name, 0)} for name in names]
            options = item["settings"]["options"]
            many = len(options.get("guests", [{}]))
            clock = "tsc" if "clocksource=tsc" in options.get("kernel_arguments", "") else "hpet"
            guests = [
                {
                    "boot_s": 2.5,
                    "environment": {"last": {"cpus": 1, "clock_source": {"current": clock}}},
                    "settings": {"vcpus": 1},
                    "command": ["qemu"],
                    "runs": [
                        {
                            **measured(item, name, number),
                            "wait_percent": 10.0 * many,
                            "run_percent": ran(item["variant"], number),
                            **counted(options),
                        }
                        for name in names
                    ],
                }
                for number in range(1, many + 1)
            ]
            return [{"probe": {"guests": guests}}]

        done = [{"item": item, "results": returned(item)} for item in plan(design, rounds)]
        return put_together(design, known, done)

    return make
