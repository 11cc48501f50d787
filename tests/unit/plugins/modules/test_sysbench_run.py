# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module against a stand-in for the executable: it prints a recorded output, and fails or hangs where told."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parent.parent / "module_utils" / "_bench" / "samples"


@pytest.fixture
def executable(tmp_path):
    """C(executable("echo hello")) -> the path of a program that does so."""

    def make(script: str) -> str:
        path = tmp_path / "sysbench"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path)

    return make


def test_a_run_returns_numbers_and_its_conditions(run_module, executable):
    path = executable(f'[ "$LC_ALL $1" = "C cpu" ] && cat {SAMPLES}/1.0.20-cpu.txt')
    result = run_module("sysbench_run", executable=path)
    assert not result["changed"]
    found = result["sysbench"]
    assert (found["events"], found["version"]) == (1317, "1.0.20")
    assert found["command"][:2] == [path, "cpu"] and found["command"][-1] == "run"
    assert found["executable"] == {"path": path, "sha256": hashlib.sha256(Path(path).read_bytes()).hexdigest()}
    assert found["wall_time_s"] > 0 and len(found["load_average"]["before"]) == 3
    assert found["environment"]["cpus"] >= 1 and found["environment"]["memory_mib"] > 100
    assert found["environment"]["kernel"] and found["environment"]["cpu_model"]


def test_check_mode_runs_nothing(run_module, executable, tmp_path):
    path = executable(f"touch {tmp_path}/ran")
    result = run_module("sysbench_run", check=True, executable=path, time=3)
    assert result["skipped"] and not result["changed"] and "--time=3" in result["msg"]
    assert not (tmp_path / "ran").exists()
    assert run_module("sysbench_run", check=True, executable="/nowhere/sysbench")["skipped"]


def test_a_hanging_run_is_killed_with_its_children(run_module, executable, tmp_path):
    path = executable(f"(sleep 3; touch {tmp_path}/survived) & sleep 60")
    begin = time.monotonic()
    result = run_module("sysbench_run", executable=path, time=1, timeout=2)
    assert result["code"] == "TIMEOUT" and time.monotonic() - begin < 10
    time.sleep(1.5)
    assert not (tmp_path / "survived").exists()


@pytest.mark.parametrize(
    ("script", "code", "message"),
    [
        (f"cat {SAMPLES}/1.0.20-queue-full.txt; exit 1", "SYSBENCH_FAILED", "event queue is full"),
        ("echo 'invalid option: --x' >&2; exit 1", "SYSBENCH_FAILED", "invalid option: --x"),
        (f"head -20 {SAMPLES}/1.0.20-cpu.txt", "TRUNCATED_OUTPUT", "total number of events"),
    ],
)
def test_a_failed_run_says_why(run_module, executable, script, code, message):
    result = run_module("sysbench_run", executable=executable(script))
    assert result["failed"] and result["code"] == code and message in result["msg"]


def test_bad_input_is_refused_before_anything_runs(run_module, tmp_path):
    assert run_module("sysbench_run", executable="/nowhere/sysbench")["code"] == "EXECUTABLE_MISSING"
    assert run_module("sysbench_run", test="memory", cpu_max_prime=5)["code"] == "INVALID_OPTION"
    files = {"test": "fileio", "chdir": str(tmp_path / "missing"), "command": "prepare"}
    assert run_module("sysbench_run", **files)["code"] == "DIRECTORY_MISSING"
    too_big = {**files, "chdir": str(tmp_path), "file_total_size": "1000T"}
    assert run_module("sysbench_run", executable="true", **too_big)["code"] == "NO_SPACE"


def test_preparing_predicts_what_it_does_and_leaves_no_half(run_module, executable, tmp_path):
    files = {"test": "fileio", "chdir": str(tmp_path), "file_num": 2, "file_total_size": "2K", "command": "prepare"}
    assert run_module("sysbench_run", check=True, **files)["changed"]

    half = executable("head -c 1024 /dev/zero > test_file.0; echo 'FATAL: Failed to write file!'; exit 1")
    assert run_module("sysbench_run", executable=half, **files)["code"] == "SYSBENCH_FAILED"
    assert not list(tmp_path.glob("test_file.*"))

    both = "for i in 0 1; do head -c 1024 /dev/zero > test_file.$i; done"
    whole = executable(f"{both}; cat {SAMPLES}/1.0.20-fileio-prepare.txt")
    assert run_module("sysbench_run", executable=whole, **files)["changed"]
    assert not run_module("sysbench_run", check=True, **files)["changed"]
    assert run_module("sysbench_run", check=True, **{**files, "command": "cleanup"})["changed"]
