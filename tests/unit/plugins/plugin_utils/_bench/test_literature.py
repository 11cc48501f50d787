# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.literature import place_of, section_of, slow_down
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.summary import summarise

LITERATURE = yaml.safe_load((Path(__file__).parents[5] / "roles/report/files/literature.yml").read_text())
KINDS = {"slow_down", "overhead_percent", "share_percent", "speed_up", "seconds"}
TESTS = {"cpu", "memory", "threads", "mutex", "fileio", "fio", "iperf3", "ping"}


def test_every_figure_can_be_looked_up():
    assert len(LITERATURE) >= 12 and len({entry["id"] for entry in LITERATURE}) == len(LITERATURE)
    for entry in LITERATURE:
        low, high = entry["value"]
        assert low <= high and entry["kind"] in KINDS and set(entry["tests"]) <= TESTS
        assert entry["source"] and entry["look_up"] and entry["caveat"]
        assert entry["year"] or entry["id"].startswith("study-")


@pytest.mark.parametrize(
    ("low", "value", "high", "place"),
    [(3.0, 4.0, 4.9, "below"), (4.0, 5.0, 6.0, "within"), (9.0, 11.0, 12.0, "within"), (10.5, 11.0, 12.0, "above")],
)
def test_a_measured_interval_lies_below_within_or_above(low, value, high, place):
    assert place_of({"low": low, "value": value, "high": high}, 5, 10) == place
    assert place_of({"low": None, "value": value, "high": None}, value, value) == "within"


def test_overheads_are_compared_as_factors():
    assert slow_down({"kind": "overhead_percent", "value": [20, 50]}) == pytest.approx((1.25, 2.0))
    assert slow_down({"kind": "seconds", "value": [1, 2]}) is None


def test_only_the_same_kind_of_guest_is_judged(results):
    found = section_of(LITERATURE, results, summarise(results))
    rows = {row[0]: row[2] for row in found["tables"][0]["rows"]}
    assert rows["TCG: software emulation, in general"] == "cpu 5.00×: within; memory 5.00×: within"
    assert rows["TCG: SPEC CPU2006 integer, x86 on x86-64, QEMU's TCG"] == "cpu 5.00×: below"
    assert rows["KVM: memory under KVM"] == "–"
    assert found["sentences"][0].startswith("cpu: events/s: native is 5.00× as fast as the guest here")
    assert "<svg" in found["charts"][0]["svg"]


def test_a_container_is_judged_by_figures_of_containers_alone(results):
    results["runs"] += [{**run, "target": "nspawn"} for run in results["runs"] if run["target"] == "native"]
    results["targets"].append({**results["targets"][0], "name": "nspawn", "kind": "container"})
    rows = {row[0]: row[2] for row in section_of(LITERATURE, results, summarise(results))["tables"][0]["rows"]}
    assert rows["TCG: software emulation, in general"].count("cpu") == 1
    assert [row for row in rows if row.startswith("CONTAINER") and "cpu 1.00×" in rows[row]]


def test_without_rounds_the_figures_stand_alone(results):
    results |= {"runs": [], "targets": []}
    found = section_of(LITERATURE, results, summarise(results))
    assert len(found["tables"][0]["rows"]) == len(LITERATURE) and found["sentences"] == []
