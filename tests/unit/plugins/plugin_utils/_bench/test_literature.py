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
BASELINES = {"native", "kvm"}
KINDS = {"slow_down", "overhead_percent", "share_percent", "speed_up", "seconds"}
TESTS = {"cpu", "memory", "threads", "mutex", "fileio", "fio", "random fileio", "random fio", "iperf3", "ping"}


def test_every_figure_can_be_looked_up():
    assert len(LITERATURE) >= 12 and len({entry["id"] for entry in LITERATURE}) == len(LITERATURE)
    for entry in LITERATURE:
        low, high = entry["value"]
        assert low <= high and entry["kind"] in KINDS and set(entry["tests"]) <= TESTS
        assert entry.get("baseline", "native") in BASELINES
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
    assert rows["TCG: TCG against KVM"] == "–"
    assert found["sentences"][0].startswith("cpu: events/s: native is 5.00× as fast here")
    assert "<svg" in found["charts"][0]["svg"]


def test_a_container_is_judged_by_figures_of_containers_alone(results):
    results["runs"] += [{**run, "target": "nspawn"} for run in results["runs"] if run["target"] == "native"]
    results["targets"].append({**results["targets"][0], "name": "nspawn", "kind": "container"})
    rows = {row[0]: row[2] for row in section_of(LITERATURE, results, summarise(results))["tables"][0]["rows"]}
    assert rows["TCG: software emulation, in general"].count("cpu") == 1
    assert [row for row in rows if row.startswith("CONTAINER") and "cpu 1.00×" in rows[row]]


def judged(results, target="lab"):
    """What stands beside each figure that something was compared with, by the figure's setting."""
    rows = section_of(LITERATURE, results, summarise(results))["tables"][0]["rows"]
    return {row[0]: row[2] for row in rows if row[2] != "–"}


def test_tests_of_a_tool_find_their_figures_and_those_of_random_access_need_it(measured):
    results = measured([0.5] * 6, [1.0] * 6)
    results["guests"][0]["type"] = "kvm"
    results["settings"]["tests"] = [{"name": "cpu", "tool": "fio", "rw": "randread"}, {"name": "memory", "tool": "fio"}]
    assert judged(results) == {"KVM: random 4 KiB input and output of a KVM guest on a fast disk": "cpu 2.00×: within"}
    results["settings"]["tests"] = [{"name": "cpu", "tool": "ping"}, {"name": "memory", "tool": "fio", "rw": "read"}]
    assert judged(results) == {"KVM: round trip of a request between KVM guests": "cpu 2.00×: above"}


@pytest.mark.parametrize("accelerator", ["tcg", "kvm"])
def test_nesting_is_judged_by_figures_of_kvm_in_kvm_against_native_alone(results, accelerator):
    for run in results["runs"]:
        run["target"] = "nested" if run["target"] == "lab" else run["target"]
    results["targets"][1] |= {"name": "nested", "kind": "nested"}
    results["guests"][0] |= {"name": "lab", "type": {"tcg": "qemu"}.get(accelerator, accelerator)}
    results["substrates"] = [
        {"name": "nested", "available": True, "nested": {"guest": "lab", "accelerator": accelerator}}
    ]
    expected = {"NESTED: KVM in KVM against native, with and without virtual EPT"} if accelerator == "kvm" else set()
    assert set(judged(results)) == expected


def test_without_rounds_the_figures_stand_alone(results):
    results |= {"runs": [], "targets": []}
    found = section_of(LITERATURE, results, summarise(results))
    assert len(found["tables"][0]["rows"]) == len(LITERATURE) and found["sentences"] == []
