# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench import resources
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.sections.resources import section_of


@pytest.mark.parametrize(
    ("name", "asked", "measured", "holds"),
    [
        ("cpu_quota", 50, 49.1, True),
        ("cpu_quota", 50, 99.0, False),
        ("cpu_pinning", 100, 100.0, True),
        ("cpu_pinning", 100, 90.0, False),
        ("balloon", 512, 512.0, True),
        ("balloon", 512, 0.0, False),
        ("memory", 2900, 2838.5, True),
        ("memory", 2900, 2901.0, False),
        ("disk_limit", 100, 100.4, True),
        ("disk_limit", 100, 3500.0, False),
    ],
)
def test_a_limit_holds_where_what_is_measured_is_what_was_asked(name, asked, measured, holds):
    assert resources.judged({"name": name, "asked": asked, "measured": str(measured)})["holds"] == holds


def test_a_limit_that_cannot_be_set_is_a_row_with_its_reason():
    rounds = [{"tool": "sysbench", "result": {}}]
    rows = [
        {"name": "cpu_quota", "reason": "", "asked": 50, "measured": 49, "rounds": rounds},
        {"name": "disk_limit", "reason": "There is no disk."},
    ]
    experiment = resources.experiment(rows, "web", "2026-01-31T12:00:00Z")
    assert [run["position"] for run in experiment["runs"]] == [1, 2]
    assert [variant["available"] for variant in experiment["variants"]] == [True, False]
    described = section_of(experiment)
    assert described["sentences"] == ["All 1 limits that could be set on web hold."]
    held, missing = described["tables"][0]["rows"]
    assert held[1:] == ["50.0 %", "49.0 %", "45.0–55.0 %", "holds"]
    assert missing[-1] == "not measured: There is no disk."


def test_a_balloon_of_a_probe_guest_says_so():
    row = {"name": "balloon", "reason": "", "asked": 256, "measured": "256.0", "measured_on": "probe guest"}
    made = resources.experiment([{**row, "resident_kib": [512000, "256000"]}], "web", "")
    described = section_of(made)
    assert described["tables"][0]["rows"][0][0].endswith("(measured on a probe guest, as web has none)")
    assert any("took 500" in note and "250" in note for note in described["notes"])
    plain = section_of(resources.experiment([{"name": "balloon", "reason": "", "asked": 1, "measured": 1}], "web", ""))
    assert "probe" not in str(plain["tables"]) and not any("QEMU took" in note for note in plain["notes"])


def test_limits_that_do_not_hold_are_named():
    experiment = resources.experiment([{"name": "balloon", "reason": "", "asked": 512, "measured": 3}], "web", "")
    assert "Balloon" in section_of(experiment)["sentences"][0]
