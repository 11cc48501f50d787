# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.schedule import WARM_UP, schedule, trials


def names(call):
    return [run["test"]["name"] for run in call["runs"]]


def test_targets_are_interleaved_and_their_order_alternates():
    plan = schedule([{"name": "cpu"}, {"name": "memory"}], 3, ["native", "a"])
    assert [(call["round"], call["target"], names(call)) for call in plan][:4] == [
        (1, "native", ["cpu", "memory"]),
        (1, "a", ["cpu", "memory"]),
        (2, "a", ["cpu", "memory"]),
        (2, "native", ["cpu", "memory"]),
    ]
    assert plan[-1]["label"] == "round 3 of 3: cpu, memory on a"
    runs = [run for call in plan for run in call["runs"]]
    assert [run["position"] for run in runs] == list(range(1, 13))
    assert runs[-1] == {"round": 3, "position": 12, "test": {"name": "memory"}, "tool": "sysbench", "target": "a"}


def test_disks_and_networks_belong_to_machines():
    tests = [
        {"name": "disk", "tool": "fio"},
        {"name": "cpu"},
        {"name": "files", "test": "fileio"},
        {"name": "between", "tool": "iperf3", "server": "b"},
        {"name": "only", "targets": ["user"]},
    ]
    plan = schedule(tests, 1, ["native", "user", "a", "b"], machines=["native", "a", "b"])
    assert {call["target"]: names(call) for call in plan} == {
        "native": ["disk", "cpu", "files", "between"],
        "user": ["cpu", "only"],
        "a": ["disk", "cpu", "files", "between"],
        "b": ["disk", "cpu", "files"],
    }
    assert [run["tool"] for run in plan[0]["runs"]] == ["fio", "sysbench", "sysbench", "iperf3"]


def test_what_is_left_out_is_not_run_and_a_target_without_tests_is_not_called():
    left_out = [{"test": "disk", "target": "a", "reason": "no fio"}]
    plan = schedule([{"name": "disk", "tool": "fio"}], 2, ["native", "a"], left_out=left_out)
    assert [(call["target"], names(call)) for call in plan] == [("native", ["disk"])] * 2


def test_an_open_end_is_said():
    plan = schedule([{"name": "cpu"}], 20, ["native"], least=6)
    assert plan[0]["label"] == "round 1 of 6 to 20: cpu on native"


def test_a_warm_up_tries_what_may_be_missing():
    tests = [
        {"name": "cpu", "test": "cpu", "time": 30},
        {"name": "files", "test": "fileio", "time": 30},
        {"name": "latency", "tool": "ping", "count": 1000},
    ]
    assert trials(tests) == [
        WARM_UP,
        {"name": "files", "test": "fileio", "time": 1},
        {"name": "latency", "tool": "ping", "time": 1},
    ]
    assert trials([]) == [WARM_UP]
