# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

SAMPLES = Path(__file__).parent.parent / "module_utils" / "_bench" / "samples/tools"


def program(tmp_path, script):
    path = tmp_path / "ping"
    path.write_text(f"#!/bin/sh\n[ $1 = -V ] && echo 'ping from iputils 20221126' && exit\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_a_run_returns_numbers_and_its_conditions(run_module, tmp_path):
    path = program(tmp_path, f'[ "$*" = "-n -q -c3 -i0.2 -s56 127.0.0.1" ] && cat {SAMPLES}/ping-20221126.txt')
    found = run_module("ping_run", executable=path, address="127.0.0.1", count=3)["ping"]
    assert (found["version"], found["received"]) == ("20221126", 3)
    assert found["command"][0] == path and found["wall_time_s"] > 0


def test_failures_say_why(run_module, tmp_path):
    lost = program(tmp_path, f"cat {SAMPLES}/ping-20221126-lost.txt; exit 1")
    assert run_module("ping_run", executable=lost, address="10.9.9.2")["code"] == "NO_EVENTS"
    unknown = program(tmp_path, "echo 'ping: x: Name or service not known' >&2; exit 2")
    result = run_module("ping_run", executable=unknown, address="x")
    assert result["code"] == "PING_FAILED" and "Name or service not known" in result["msg"]
    assert run_module("ping_run", address="127.0.0.1", count=0)["code"] == "INVALID_OPTION"
    assert run_module("ping_run", check=True, address="127.0.0.1")["skipped"]
