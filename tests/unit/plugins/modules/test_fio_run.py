# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest

SAMPLES = Path(__file__).parent.parent / "module_utils" / "_bench" / "samples/tools"


@pytest.fixture
def executable(tmp_path):
    """C(executable("echo hello")) -> the path of a program that does so."""

    def make(script: str) -> str:
        path = tmp_path / "fio"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path)

    return make


def test_a_run_returns_numbers_and_its_conditions(run_module, executable, tmp_path):
    path = executable(f"touch {tmp_path}/file; cat {SAMPLES}/fio-3.33-randrw.json; echo careful >&2")
    result = run_module("fio_run", executable=path, filename=str(tmp_path / "file"), size="8K")
    assert result["changed"] and result["fio"]["events"] > 21346
    assert result["fio"]["warnings"] == ["careful"] and result["fio"]["command"][0] == path
    assert result["fio"]["wall_time_s"] > 0 and result["fio"]["environment"]["cpus"] >= 1
    assert not run_module("fio_run", executable=path, filename=str(tmp_path / "file"), size="8K")["changed"]


def test_check_mode_predicts(run_module, executable, tmp_path):
    path = executable(f"touch {tmp_path}/ran")
    result = run_module("fio_run", check=True, executable=path, filename=str(tmp_path / "file"))
    assert result["skipped"] and result["changed"] and "--rw=randread" in result["msg"]
    assert not run_module("fio_run", check=True, filename=str(tmp_path / "file"), unlink=True)["changed"]
    assert not (tmp_path / "ran").exists()


def test_a_failed_run_says_why_and_leaves_no_half_of_a_file(run_module, executable, tmp_path):
    options = {"filename": str(tmp_path / "file"), "size": "8K"}
    broken = executable(f"touch {tmp_path}/file; cat {SAMPLES}/fio-3.33-error.json; exit 1")
    result = run_module("fio_run", executable=broken, **options)
    assert result["code"] == "FIO_FAILED" and "No space left on device" in result["msg"]
    assert not (tmp_path / "file").exists()
    unknown = executable("echo 'fio: engine x not loadable' >&2; exit 1")
    result = run_module("fio_run", executable=unknown, **options)
    assert result["code"] == "FIO_FAILED" and "engine x not loadable" in result["msg"]
    slow = executable("sleep 60")
    assert run_module("fio_run", executable=slow, runtime=1, timeout=2, **options)["code"] == "TIMEOUT"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"filename": "/nowhere/file"}, "DIRECTORY_MISSING"),
        ({"filename": "/dev/null"}, "NOT_A_FILE"),
        ({"size": "1000T"}, "NO_SPACE"),
        ({"size": "much"}, "INVALID_OPTION"),
        ({"size": "1K"}, "INVALID_OPTION"),
        ({"ioengine": "psync", "iodepth": 4}, "INVALID_OPTION"),
        ({"rwmixread": 70}, "INVALID_OPTION"),
        ({"percentiles": [0]}, "INVALID_OPTION"),
        ({"runtime": 5, "timeout": 5}, "INVALID_OPTION"),
        ({"executable": "/nowhere/fio"}, "EXECUTABLE_MISSING"),
    ],
)
def test_bad_input_is_refused_before_anything_runs(run_module, tmp_path, options, code):
    result = run_module("fio_run", **{"filename": str(tmp_path / "file"), "executable": "true", **options})
    assert result["code"] == code, result["msg"]
