# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.schedule import schedule


def test_rounds_are_interleaved_and_the_order_alternates():
    plan = schedule([{"name": "cpu"}, {"name": "memory"}], 3, ["native", "a"])
    assert [(run["round"], run["test"]["name"], run["target"]) for run in plan][:8] == [
        (1, "cpu", "native"),
        (1, "cpu", "a"),
        (1, "memory", "native"),
        (1, "memory", "a"),
        (2, "cpu", "a"),
        (2, "cpu", "native"),
        (2, "memory", "a"),
        (2, "memory", "native"),
    ]
    assert plan[-1]["label"] == "round 3 of 3: memory on a (run 12 of 12)"
    assert [run["position"] for run in plan] == list(range(1, 13))


def test_tools_are_together_and_disks_and_networks_belong_to_machines():
    tests = [
        {"name": "disk", "tool": "fio"},
        {"name": "cpu"},
        {"name": "files", "test": "fileio"},
        {"name": "between", "tool": "iperf3", "server": "b"},
        {"name": "only", "targets": ["user"]},
    ]
    plan = schedule(tests, 1, ["native", "user", "a", "b"], machines=["native", "a", "b"])
    by_test = {
        name: [run["target"] for run in plan if run["test"]["name"] == name] for name in ("disk", "between", "cpu")
    }
    assert by_test == {"disk": ["native", "a", "b"], "between": ["native", "a"], "cpu": ["native", "user", "a", "b"]}
    assert [run["test"]["name"] for run in plan if run["target"] == "user"] == ["cpu", "only"]
    assert list(dict.fromkeys(run["tool"] for run in plan)) == ["sysbench", "fio", "iperf3"]


def test_an_open_end_is_said():
    plan = schedule([{"name": "cpu"}], 20, ["native"], least=6)
    assert plan[0]["label"] == "round 1 of 6 to 20: cpu on native (run 1)"
