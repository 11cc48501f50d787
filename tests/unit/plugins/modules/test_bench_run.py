# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
import yaml

from ansible_collections.mini.hypervisor.plugins.module_utils._bench.bench_run import TOOLS

SAMPLES = Path(__file__).parent.parent / "module_utils/_bench/samples"


@pytest.fixture
def program(tmp_path):
    """C(program("echo hello")) -> the path of a program that does so."""

    def make(script: str) -> str:
        path = tmp_path / f"program-{len(list(tmp_path.iterdir()))}"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path)

    return make


def test_runs_return_what_their_own_modules_do(run_module, program, tmp_path):
    cpu = {"executable": program(f"cat {SAMPLES}/1.0.20-cpu.txt"), "time": 2}
    fio = {"executable": program(f"cat {SAMPLES}/tools/fio-3.33-randrw.json"), "filename": f"{tmp_path}/file"}
    result = run_module(
        "bench_run",
        runs=[{"tool": "sysbench", "options": cpu}, {"name": "disk", "tool": "fio", "options": {**fio, "size": "8K"}}],
    )
    assert [(run["name"], run["tool"], run["failed"]) for run in result["runs"]] == [
        ("sysbench", "sysbench", False),
        ("disk", "fio", False),
    ]
    alone = run_module("sysbench_run", **cpu)
    for changing in ("started", "wall_time_s", "load_average", "cpu_percent", "frequency_mhz", "environment"):
        alone["sysbench"].pop(changing), result["runs"][0]["sysbench"].pop(changing)
    assert result["runs"][0]["sysbench"] == alone["sysbench"]
    assert "--cpu-max-prime=20000" in alone["sysbench"]["command"]
    assert result["runs"][1]["fio"]["events"] > 0 and not result["changed"]


def test_a_failure_is_the_run_s_own(run_module, program):
    slow, fine = program("sleep 60"), program(f"cat {SAMPLES}/tools/ping-20221126.txt")
    result = run_module(
        "bench_run",
        runs=[
            {"name": "late", "tool": "sysbench", "options": {"executable": slow, "time": 1, "timeout": 2}},
            {"tool": "fio", "options": {"executable": "/nowhere/fio", "filename": "/tmp/file", "size": "8K"}},
            {"tool": "fio", "options": {"filename": "/tmp/file", "ioengine": "psync", "iodepth": "4"}},
            {"tool": "ping", "options": {"executable": fine, "address": "127.0.0.1"}},
        ],
    )
    codes = [run.get("code") for run in result["runs"]]
    assert codes == ["TIMEOUT", "EXECUTABLE_MISSING", "INVALID_OPTION", None]
    assert result["runs"][0]["details"]["command"][0] == slow
    assert result["runs"][3]["ping"]["received"] == 3
    assert (result["failed"], result["code"], result["details"]) == (True, "RUNS_FAILED", {"failed": [0, 1, 2]})
    assert result["msg"].startswith("3 of 4 runs failed. late (sysbench): ")
    assert "fio (fio): /nowhere/fio is not an executable here: install the package fio" in result["msg"]


def test_a_run_that_fails_is_tried_again_and_tells_of_it(run_module, program, tmp_path):
    once = program(
        f"[ -e {tmp_path}/ran ] && exec cat {SAMPLES}/1.0.20-cpu.txt; touch {tmp_path}/ran; echo busy >&2; exit 1"
    )
    runs = [{"tool": "sysbench", "options": {"executable": once, "time": 1}}]
    assert run_module("bench_run", runs=runs)["code"] == "RUNS_FAILED"
    (tmp_path / "ran").unlink()
    result = run_module("bench_run", runs=runs, attempts=2)["runs"][0]
    assert not result["failed"] and result["sysbench"]["events_per_second"] > 0
    assert len(result["sysbench"]["warnings"]) == 1 and "busy" in result["sysbench"]["warnings"][0]
    always = [{"tool": "sysbench", "options": {"executable": program("echo busy >&2; exit 1"), "time": 1}}]
    assert run_module("bench_run", runs=always, attempts=3)["details"]["failed"] == [0]
    assert run_module("bench_run", runs=always, attempts=0)["code"] == "INVALID_OPTION"


def test_what_a_module_refuses_is_refused_before_anything_runs(run_module, program, tmp_path):
    first = {"tool": "sysbench", "options": {"executable": program(f"touch {tmp_path}/ran"), "time": 1}}
    for bad, message in (
        ({"tool": "fio", "options": {"filename": "/tmp/x", "bz": 1}}, "Unsupported parameters: bz. Supported"),
        ({"tool": "fio", "options": {"filename": "/tmp/x", "rw": "up"}}, "value of rw must be one of: read"),
        ({"name": "far", "tool": "iperf3", "options": {}}, "missing required arguments: address, networks"),
    ):
        result = run_module("bench_run", runs=[first, bad])
        assert result["code"] == "INVALID_OPTION" and message in result["msg"]
        assert result["msg"].startswith(f"Run 2, {bad.get('name', bad['tool'])} ({bad['tool']}): ")
    assert run_module("bench_run", runs=[{"tool": "dd"}])["failed"]
    assert not (tmp_path / "ran").exists()


def test_check_mode_tells_the_commands(run_module, program, tmp_path):
    path = program(f"touch {tmp_path}/ran")
    runs = [
        {"tool": "sysbench", "options": {"executable": path, "threads": "2"}},
        {"tool": "ping", "options": {"executable": path, "address": "127.0.0.1"}},
    ]
    result = run_module("bench_run", check=True, runs=runs)
    lines = result["msg"].splitlines()
    assert result["skipped"] and not result["changed"]
    assert "--threads=2" in lines[0] and lines[1].endswith("127.0.0.1")
    assert result["runs"][0]["sysbench"]["command"][0] == path
    prepared = {"test": "fileio", "command": "prepare", "chdir": str(tmp_path), "file_num": 1, "file_total_size": "8K"}
    result = run_module("bench_run", check=True, runs=[*runs, {"tool": "sysbench", "options": prepared}])
    assert result["changed"] and not result["skipped"]
    assert not (tmp_path / "ran").exists()


def test_every_tool_has_its_own_module_and_is_documented():
    documented = yaml.safe_load(
        importlib.import_module("ansible_collections.mini.hypervisor.plugins.modules.bench_run").DOCUMENTATION
    )
    assert documented["options"]["runs"]["suboptions"]["tool"]["choices"] == list(TOOLS)
    for name, tool in TOOLS.items():
        module = importlib.import_module(f"ansible_collections.mini.hypervisor.plugins.modules.{name}_run")
        assert set(yaml.safe_load(module.DOCUMENTATION)["options"]) == set(tool.spec)
