# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module with the real QEMU under TCG: the guest boots, or the failure says why it did not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._probe import limits

LIMITED = {} if limits.problem() else {"quota": 60, "shares": 1024}
"""Where this machine cannot limit a guest, it is tested without."""


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> str:
    """Where the probe guest is kept meanwhile: made once."""
    return str(tmp_path_factory.mktemp("probe"))


@pytest.fixture
def probe_run(run_module, directory):
    """C(probe_run(...)) -> the module's result, under TCG."""
    return lambda **options: run_module("probe_run", **{"accelerator": "tcg", "directory": directory, **options})


def ours() -> list[str]:
    """The QEMU processes that this process started and that still live."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [pid for pid in children if "qemu" in Path(f"/proc/{pid}/cmdline").read_text()]


def test_two_guests_run_the_same_test_at_the_same_time(probe_run):
    cpu = min(os.sched_getaffinity(0))
    result = probe_run(
        tests=[{"name": "warm", "test": "cpu", "time": "1"}],
        guests=[{"cpus": [cpu]}, {"nice": 5, "vcpus": 2, **LIMITED}],
        kernel_arguments="tsc=reliable clocksource=tsc",
        perf=True,
        timeout=300,
    )
    first, second = result["probe"]["guests"]
    run = first["runs"][0]
    assert run["name"] == "warm" and run["version"].startswith("1.") and run["events_per_second"] > 1
    assert abs(run["total_time_s"] - run["host_time_s"]) < 0.6
    assert len(run["vcpu_threads"]) == 1 and len(second["runs"][0]["vcpu_threads"]) == 2
    countable = {counter["name"] for counter in result["probe"]["counters"] if counter["available"]}
    assert set(run["perf"]) == countable and run["perf"].get("context_switches", 1) > 0 and run["elapsed_s"] > 1
    assert 0 < second["runs"][0]["run_percent"] < (70 if LIMITED else 210)
    # They share a processor, or are kept from having one each for long.
    assert run["vcpu_threads"][0]["run_s"] > 0 and 0 <= run["wait_percent"] <= 100
    assert first["boot_s"] > 0.5
    seen = first["environment"]["last"]
    assert (seen["cpus"], seen["clock_source"]["current"], seen["cpu_model"][:4]) == (1, "tsc", "QEMU")
    assert second["environment"]["last"]["cpus"] == 2
    assert seen["architecture"] == "x86_64" and 128 < seen["memory_mib"] < 256
    sysbench = result["probe"]["image"]["programs"]["sysbench"]
    assert sysbench["path"].endswith("/sysbench") and len(sysbench["sha256"]) == 64
    assert result["probe"]["accelerator"] == "tcg" and result["probe"]["qemu"]["version"]
    assert not result["changed"] and not ours()


def test_a_disk_is_measured_and_nothing_of_it_stays(probe_run, directory):
    result = probe_run(
        disk={"size": 16, "cache": "writethrough", "iothread": True},
        tests=[{"test": "fileio", "time": 1, "file_test_mode": "rndrw", "file_extra_flags": ["direct"]}],
        timeout=300,
    )
    guest = result["probe"]["guests"][0]
    found = guest["runs"][0]["fileio"]
    assert found["reads_per_second"] > 0 and found["writes_per_second"] > 0
    assert guest["settings"]["disk"] == {"size_mib": 16, "cache": "writethrough", "aio": None, "iothread": True}
    assert {path.name.split("-")[0] for path in Path(directory).iterdir()} <= {"initrd", "linux"} and not ours()


def test_a_panic_is_told_from_other_ends(probe_run):
    result = probe_run(kernel_arguments="rdinit=/nowhere init=/nowhere", timeout=300)
    assert result["code"] == "KERNEL_PANIC" and "panic" in result["msg"] and not ours()


def test_what_qemu_says_is_handed_on(probe_run):
    result = probe_run(cpu="no-such-model")
    assert result["code"] == "QEMU_FAILED" and "no-such-model" in result["msg"] and not ours()


def test_a_guest_that_is_late_is_killed(probe_run):
    result = probe_run(timeout=1)
    assert result["code"] == "TIMEOUT" and "did not boot in time" in result["msg"] and not ours()


def test_check_mode_tells_what_it_knows_without_a_guest(probe_run, tmp_path):
    result = probe_run(check=True, directory=str(tmp_path / "none"), tests=[{"test": "cpu"}], count=2)
    assert result["probe"]["guests"] == [] and "2 probe guest" in result["msg"] and not (tmp_path / "none").exists()
    assert {counter["name"] for counter in result["probe"]["counters"]} >= {"instructions", "kvm_events"}
    assert result["probe"]["cpu_limits"] == {"reason": limits.problem()}
    assert all(counter["available"] or counter["reason"] for counter in result["probe"]["counters"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tests": [{"test": "fileio"}]}, "has no disk"),
        ({"disk": {"aio": "native"}}, "needs disk.cache"),
        ({"tests": [{"test": "cpu", "chdir": "/"}]}, "no option chdir"),
        ({"tests": [{"test": "cpu", "time": "soon"}]}, "must be of type int"),
        ({"tests": [{"test": "cpu", "time": 0, "events": 5}]}, "it needs a time"),
        ({"tests": [{"test": "gpu"}]}, "give one of cpu"),
        ({"vcpus": 0}, "at least 1 vCPU"),
        ({"cpus": [4096]}, "this host has"),
        ({"guests": [{"tests": [{"test": "cpu"}]}, {}]}, "same number of tests"),
        ({"nice": -1}, "nice is negative"),
        ({"quota": 0}, "at least 5 percent"),
        ({"guests": [{"shares": 1}]}, "give 2 to 262144"),
        ({"count": 0}, "at least one guest"),
    ],
)
def test_what_makes_no_sense_is_refused(probe_run, options, words):
    result = probe_run(**options)
    assert result["code"] == "INVALID_OPTION" and words in result["msg"]


def test_a_missing_qemu_is_named(probe_run):
    result = probe_run(qemu="qemu-system-nowhere")
    assert result["code"] == "EXECUTABLE_MISSING" and "qemu-system-nowhere" in result["msg"]


def test_a_missing_kernel_is_named(probe_run):
    result = probe_run(kernel="/nowhere/vmlinuz")
    assert result["code"] == "NO_KERNEL" and "/nowhere/vmlinuz" in result["msg"]
