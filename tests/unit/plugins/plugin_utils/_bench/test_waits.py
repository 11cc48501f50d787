# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.conclusions import conclusions
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.summary import summarise
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.waits import share, waits

SECOND = 1_000_000_000


def reading(boot, number, **guests):
    """What was read after a round: of each guest, seconds that each of its processors ran and waited."""
    read = [
        {"item": guest, "domains": [{"statistics": {"vcpus": [vcpu(*each) for each in vcpus]} if vcpus else {}}]}
        for guest, vcpus in guests.items()
    ]
    return {"boot": boot, "round": number, "read": read}


def vcpu(ran, waited):
    return {"time": ran * SECOND, "delay": waited * SECOND}


def test_rounds_are_the_differences_of_readings():
    found = waits(
        [
            reading(1, 0, one=[(10, 1), (20, 2)]),
            reading(1, 1, one=[(12, 1), (23, 4)]),
            reading(1, 2, one=[(13, 4), (23, 4)]),
        ]
    )
    assert found == [
        {"boot": 1, "round": 1, "target": "one", "run_s": 5, "wait_s": 2},
        {"boot": 1, "round": 2, "target": "one", "run_s": 1, "wait_s": 3},
    ]
    assert [share(entry) for entry in found] == [pytest.approx(2 / 7), 0.75]


def test_each_boot_counts_anew():
    found = waits(
        [
            reading(1, 0, one=[(10, 1)]),
            reading(1, 1, one=[(11, 1)]),
            reading(2, 0, one=[(5, 0)]),
            reading(2, 2, one=[(7, 0)]),
        ]
    )
    assert [(entry["boot"], entry["round"], entry["run_s"]) for entry in found] == [(1, 1, 1), (2, 2, 2)]


def test_what_happened_between_two_readings_of_a_round_belongs_to_none():
    found = waits(
        [
            reading(1, 0, one=[(10, 1)]),
            reading(1, 1, one=[(12, 1)]),
            reading(1, 1, one=[(90, 60)]),
            reading(1, 2, one=[(93, 61)]),
        ]
    )
    assert [(entry["round"], entry["run_s"], entry["wait_s"]) for entry in found] == [(1, 2, 0), (2, 3, 1)]


def test_one_that_was_restarted_in_between_has_no_difference():
    assert waits([reading(1, 0, one=[(10, 1)]), reading(1, 1, one=[(2, 0)])]) == []


def test_what_cannot_be_read_is_left_out():
    failed = {"item": "desk", "failed": True, "msg": "no libvirt"}
    untold = {"item": "old", "domains": [{"statistics": {"vcpus": [{"time": 1}]}}]}
    readings = [reading(1, 0, one=[(1, 0)], off=[]), reading(1, 1, one=[(2, 0)], off=[])]
    for each in readings:
        each["read"] += [failed, untold, {"item": "none", "domains": []}]
    assert [entry["target"] for entry in waits(readings)] == ["one"]


def test_a_guest_that_did_nothing_waited_for_nothing():
    assert share({"run_s": 0.0, "wait_s": 0.0}) == 0


def test_the_conclusions_tell_it(results):
    results["waits"] = [
        {"boot": 1, "round": number, "target": "lab", "run_s": 9.0, "wait_s": wait}
        for number, wait in enumerate([1.0, 1.0, 3.0], 1)
    ]
    summary = summarise(results)
    assert [target["host_wait_percent"] for target in summary["targets"]] == [
        None,
        {"median": pytest.approx(10), "max": pytest.approx(25)},
    ]
    told = [
        sentence for sentence in conclusions(results, summary, None) if "kept the virtual processors of lab" in sentence
    ]
    assert len(told) == 1 and "10.0\u00a0% of the time" in told[0] and "25.0\u00a0% in the worst" in told[0]
