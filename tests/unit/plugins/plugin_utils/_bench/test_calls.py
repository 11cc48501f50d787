# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import validated
from ansible_collections.mini.hypervisor.plugins.module_utils._bench.bench_run import TOOLS
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.calls import asked, left_out, ran, refusals
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.schedule import WARM_UP, schedule

SETUP = {
    "command": "run",
    "time": 4,
    "prefixes": {"native": "/bench/native/"},
    "directory": "/files",
    "addresses": {"native": "192.168.122.1", "a": "192.168.122.20"},
    "networks": ["192.168.122.0/24"],
    "port": 5201,
}


def options(test, target="a", **setup):
    call = schedule([{"name": "it", **test}], 1, [target])[0]
    (run,) = asked(call["runs"], {**SETUP, **setup})
    assert run["name"] == "it" and validated(TOOLS[run["tool"]].spec, run["options"])
    return run["options"]


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (
            {"test": "memory", "memory_block_size": "1M"},
            {"executable": "sysbench", "command": "run", "test": "memory", "memory_block_size": "1M", "time": 4},
        ),
        (
            {"test": "fileio", "time": 0, "events": 9, "file_test_mode": "rndrd"},
            {
                "executable": "sysbench",
                "command": "run",
                "test": "fileio",
                "chdir": "/files",
                "time": 0,
                "events": 9,
                "file_test_mode": "rndrd",
            },
        ),
        (
            {"tool": "fio", "rw": "read", "time": 2, "timeout": 90},
            {"executable": "fio", "filename": "/files/fio", "rw": "read", "runtime": 2, "timeout": 90},
        ),
        (
            {"tool": "iperf3", "omit": 1, "server": "b", "address": "192.168.122.9"},
            {
                "executable": "iperf3",
                "address": "192.168.122.9",
                "networks": ["192.168.122.0/24"],
                "port": 5201,
                "time": 4,
                "omit": 1,
            },
        ),
        ({"tool": "ping"}, {"executable": "ping", "address": "192.168.122.1", "count": 20}),
        ({"tool": "cyclictest", "threads": 2, "time": 3}, {"executable": "cyclictest", "threads": 2, "time": 3}),
        (
            {"tool": "ping", "count": 3, "size": 99},
            {"executable": "ping", "address": "192.168.122.1", "count": 3, "size": 99},
        ),
    ],
)
def test_a_test_becomes_options_of_its_module(test, expected):
    assert options(test) == expected


def test_targets_and_commands_differ_in_what_runs():
    assert options({"tool": "fio"}, target="native")["executable"] == "/bench/native/fio"
    assert options({"test": "fileio", "chdir": "/mine"}, command="prepare")["command"] == "prepare"
    assert options({"test": "fileio", "chdir": "/mine"})["chdir"] == "/mine"
    assert options({"tool": "ping", "server": "a"}, target="b")["address"] == "192.168.122.20"


def test_tests_are_refused_as_their_module_would():
    fine = [
        {"name": "a", "tool": "fio", "rw": "read", "time": "2", "targets": ["native"], "unlink": True},
        {"name": "b", "test": "cpu", "cpu_max_prime": 9},
        {"name": "c", "tool": "iperf3", "server": "a", "bitrate": "1M"},
    ]
    assert refusals(fine) == []
    wrong = [
        (
            {"name": "a", "tool": "fio", "rx": "read"},
            "Test a: Unsupported parameters: rx. Supported parameters include:",
        ),
        ({"name": "a", "test": "cpu", "bs": "4K"}, "Test a: Unsupported parameters: bs. Supported"),
        ({"name": "a", "tool": "fio", "rw": "up"}, "Test a: value of rw must be one of: read, write,"),
        ({"name": "a", "time": "long"}, "Test a: argument 'time' is of type str"),
        (
            {"name": "a", "tool": "dd"},
            "Test a: there is no tool dd, name one of sysbench, fio, iperf3, ping, cyclictest.",
        ),
        ({"test": "cpu"}, "Test 1: missing required arguments: name."),
        ({"name": "warm-up"}, "Test warm-up: the warm-up has this name, give it another."),
    ]
    for test, message in wrong:
        (found,) = refusals([test])
        assert found.startswith(message) and found.endswith(".")
    for given in ("command", "executable", "networks", "port", "pidfile", "runtime"):
        tool = "fio" if given == "runtime" else "iperf3"
        assert f"Unsupported parameters: {given}." in refusals([{"name": "a", "tool": tool, given: "x"}])[0]


def failed(test, target, message, code="FAILED"):
    return {
        "name": test["name"],
        "tool": test.get("tool", "sysbench"),
        "failed": True,
        "msg": message,
        "code": code,
        "item": {"test": test, "target": target},
    }


def test_the_runs_of_calls_are_taken_apart():
    plan = schedule([{"name": "cpu"}, {"name": "latency", "tool": "ping"}], 1, ["native", "a"])
    results = [
        {"item": {**call, "boot": 2}, "runs": [{"name": run["test"]["name"], "failed": False} for run in call["runs"]]}
        for call in plan
    ]
    found = ran(results)
    assert [(run["name"], run["item"]["position"], run["item"]["boot"]) for run in found] == [
        *(("cpu", 1, 2), ("latency", 2, 2)),
        *(("cpu", 3, 2), ("latency", 4, 2)),
    ]
    assert ran([{"item": plan[0], "runs": [{}, {}]}])[0]["item"]["boot"] == 1


def test_what_cannot_run_is_left_out_for_its_reason():
    disk, net = {"name": "disk", "tool": "fio"}, {"name": "net", "tool": "iperf3"}
    between = {"name": "between", "tool": "iperf3", "server": "b"}
    tried = [
        {"name": "warm-up", "tool": "sysbench", "failed": False, "item": {"test": WARM_UP, "target": "a"}},
        failed(disk, "a", "fio is not an executable here"),
        failed(net, "a", "connection refused"),
        failed(between, "a", "connection refused"),
    ]
    served = [
        {"item": {"target": "native"}, "failed": False, "failed_when_result": False, "msg": "iperf3 did not start"},
        {"item": {"target": "b"}, "failed": False, "iperf3": {"pid": 1}},
    ]
    assert left_out(tried, served) == [
        {"test": "disk", "target": "a", "reason": "fio is not an executable here"},
        {"test": "net", "target": "a", "reason": "iperf3 did not start"},
        {"test": "between", "target": "a", "reason": "connection refused"},
    ]
