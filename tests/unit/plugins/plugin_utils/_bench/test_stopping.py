# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.cautions import cautions
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.stopping import Rule, progress
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.summary import summarise

STEADY = [1.0, 1.001, 0.999, 1.0, 1.002, 0.998]
WIDE = [1.0, 1.2, 0.8, 1.1, 0.9, 1.0]
RULE = Rule(least=6, most=20, precision=0.02, budget_s=600)


def test_steady_rounds_are_enough(measured):
    found = progress(measured(STEADY, STEADY)["runs"], RULE, 60)
    assert found["ended"] == "converged" and found["spent"] is None
    assert {(metric["test"], metric["target"]) for metric in found["metrics"]} == {
        ("cpu", "native"),
        ("cpu", "lab"),
        ("memory", "native"),
        ("memory", "lab"),
    }
    assert found["metrics"][0]["half_width"] == pytest.approx(0.002)


def test_fewer_than_six_never_converge(measured):
    found = progress(measured([1.0] * 5, [1.0] * 5)["runs"], Rule(3, 5, 0.02, 600), 60)
    assert (found["ended"], found["spent"]) == ("budget", "rounds")


def test_one_wide_target_goes_on_until_the_budget_ends(measured):
    runs = measured(WIDE, STEADY)["runs"]
    going = progress(runs, RULE, 60)
    assert going["ended"] is None and "worst interval ±20.0 % (" in going["line"]
    assert "about 2 min 20 s left" in going["line"]  # 14 more rounds of 10 s, the most there are
    assert progress(runs, Rule(6, 6, 0.02, 600), 60)["spent"] == "rounds"
    assert progress(runs, Rule(6, 20, 0.02, 65), 60)["spent"] == "seconds"  # the next round would not fit
    assert progress(runs, Rule(6, 20, 0.02, 0), 1e6)["ended"] is None
    assert progress(runs, Rule(7, 20, 0.02, 65), 60)["ended"] is None  # the least is done in any case
    assert progress(runs, Rule(6, 20, 0.25, 600), 60)["ended"] == "converged"


def test_what_did_not_converge_is_a_caution(measured):
    results = measured(WIDE, STEADY)
    results["stopping"] = progress(results["runs"], Rule(6, 6, 0.02, 600), 60)
    found = "\n".join(cautions(results, summarise(results)))
    assert "The budget ended after 6 rounds" in found and "±2.0 %: cpu on lab (±20.0 %) and memory on lab" in found
    results["stopping"] = progress(results["runs"], Rule(6, 6, 0.25, 600), 60)
    assert "budget" not in "\n".join(cautions(results, summarise(results)))
