# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.summary import summarise


def compared(results, name):
    return next(entry for entry in summarise(results)["comparisons"] if entry["id"] == name)


def test_a_rate_has_overhead_and_slow_down(results):
    found = compared(results, "cpu.events_per_second")
    assert found["ratio"]["value"] == pytest.approx(0.2)
    assert found["overhead"]["value"] == pytest.approx(0.8)
    assert found["slow_down"]["value"] == pytest.approx(5)
    assert found["overhead"]["low"] < 0.8 < found["overhead"]["high"]
    assert found["slow_down"]["low"] < 5 < found["slow_down"]["high"]
    assert found["guest"]["interval"]["method"] == "order statistics" and found["guest"]["n"] == 7
    assert found["verdict"] == "slower"
    assert found["text"]["overhead"].startswith("80.0\u00a0% [")


def test_a_latency_has_a_slow_down_only(results):
    found = compared(results, "cpu.latency_percentile")
    assert found["overhead"] is None
    assert found["slow_down"]["value"] == found["ratio"]["value"] == pytest.approx(5)
    assert found["verdict"] == "slower" and found["label"] == "95th percentile of latency"


def test_latencies_below_the_printed_digits_are_left_out(results):
    assert "memory.latency_avg" not in {metric["id"] for metric in summarise(results)["metrics"]}


def test_a_difference_inside_the_interval_is_noise(measured):
    same = measured([1.0, 1.02, 0.98, 1.01, 0.99, 1.0], [1.01, 0.99, 1.0, 0.98, 1.02, 1.0])
    assert compared(same, "cpu.events_per_second")["verdict"] == "within noise"
    faster = measured([2.0, 2.02, 1.98, 2.01, 1.99, 2.0], [1.01, 0.99, 1.0, 0.98, 1.02, 1.0])
    assert compared(faster, "cpu.events_per_second")["verdict"] == "faster than native"
    assert compared(faster, "cpu.latency_avg")["verdict"] == "faster than native"


def test_one_round_compares_without_an_interval(measured):
    found = compared(measured([0.5], [1.0]), "cpu.events_per_second")
    assert found["verdict"] == "not compared" and found["ratio"]["low"] is None
    assert found["text"]["slow_down"] == "2.00×"


def test_outliers_are_named_by_round_and_kept(measured):
    results = measured([0.2, 0.201, 0.199, 0.5, 0.2, 0.202], [1.0] * 6)
    found = next(m for m in summarise(results)["metrics"] if m["target"] == "lab" and m["headline"])
    assert found["outliers"] == [4] and found["n"] == 6


def test_interference_and_the_cost_of_counting(results):
    native, guest = summarise(results)["targets"]
    assert native["interference"] == pytest.approx(1 - 0.73 / (1000.22 / 1317), abs=0.02)
    assert native["in_events"]["memory"] == pytest.approx(0.377, abs=0.01)
    assert guest["clock_sources"] == ["tsc"]
