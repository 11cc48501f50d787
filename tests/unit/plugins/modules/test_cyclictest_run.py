# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest

SAMPLES = Path(__file__).parent.parent / "module_utils/_bench/samples/tools"


@pytest.fixture
def program(tmp_path):
    """C(program("--json", "echo hello")) -> the path of a cyclictest that does so, and knows the option."""

    def make(usage: str, script: str) -> str:
        path = tmp_path / "cyclictest"
        path.write_text(f"#!/bin/sh\n[ $1 = --help ] && echo 'cyclictest V 2.40' '{usage}' && exit\n{script}\n")
        path.chmod(0o755)
        return str(path)

    return make


def test_a_run_returns_numbers_and_its_conditions(run_module, program):
    path = program("--json=FILENAME", f"for last; do :; done; cat {SAMPLES}/cyclictest-2.40.json >${{last#--json=}}")
    found = run_module("cyclictest_run", executable=path, threads=2, time=1, affinity=True)["cyclictest"]
    assert found["version"] == "2.40" and found["wakeup_us"]["max"] == 236 and len(found["threads"]) == 2
    assert found["command"][:-1] == [
        *(path, "--quiet", "--mlockall", "--duration=1", "--interval=1000", "--threads=2", "--priority=80"),
        "--affinity",
    ]
    assert not Path(found["command"][-1].partition("=")[2]).parent.exists()
    assert found["wall_time_s"] > 0 and found["environment"]["cpus"] >= 1


def test_an_older_one_prints_its_result(run_module, program):
    path = program("--quiet", f"cat {SAMPLES}/cyclictest-2.40.txt")
    found = run_module("cyclictest_run", executable=path, threads=2, priority=0)["cyclictest"]
    assert found["wakeup_us"]["min"] == 8 and found["command"][-1] == "--threads=2"
    assert run_module("cyclictest_run", executable=path)["code"] == "UNKNOWN_OUTPUT"


def test_failures_say_why(run_module, program):
    refused = program("--json", "echo 'Unable to change scheduling policy!' >&2; exit 1")
    result = run_module("cyclictest_run", executable=refused)
    assert result["code"] == "CYCLICTEST_FAILED" and "Unable to change scheduling policy!" in result["msg"]
    slow = program("--json", "sleep 60")
    assert run_module("cyclictest_run", executable=slow, time=1, timeout=2)["code"] == "TIMEOUT"
    result = run_module("cyclictest_run", executable="/nowhere/cyclictest")
    assert result["code"] == "EXECUTABLE_MISSING" and "package rt-tests" in result["msg"]
    for options in ({"threads": 0}, {"interval": 0}, {"time": 0}, {"priority": 100}, {"time": 5, "timeout": 5}):
        assert run_module("cyclictest_run", **options)["code"] == "INVALID_OPTION"
    assert "--priority=80" in run_module("cyclictest_run", check=True)["msg"]
