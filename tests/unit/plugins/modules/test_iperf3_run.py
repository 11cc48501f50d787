# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server's life and the refusals, with the real iperf3 where there is one."""

from __future__ import annotations

import shutil
import socket

import pytest

LOCAL = {"address": "127.0.0.1", "networks": ["127.0.0.0/8"]}
needs_iperf3 = pytest.mark.skipif(shutil.which("iperf3") is None, reason="iperf3 is not installed")


@pytest.fixture
def port():
    """A port that is free."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@needs_iperf3
def test_a_server_is_started_used_and_stopped_once(run_module, tmp_path, port):
    options = {**LOCAL, "port": port, "pidfile": str(tmp_path / "pid")}
    assert run_module("iperf3_run", check=True, command="start", **options)["changed"]
    try:
        assert run_module("iperf3_run", command="start", one_off=False, **options)["iperf3"]["pid"]
        assert not run_module("iperf3_run", command="start", one_off=False, **options)["changed"]
        other = {**options, "pidfile": str(tmp_path / "other")}
        assert run_module("iperf3_run", command="start", **other)["code"] == "PORT_IN_USE"
        found = run_module("iperf3_run", time=1, **options)["iperf3"]
        assert found["received"]["gbit_per_second"] > 0 and found["environment"]["kernel"]
    finally:
        assert run_module("iperf3_run", command="stop", **options)["changed"]
    assert not run_module("iperf3_run", command="stop", **options)["changed"]
    assert "refused" in run_module("iperf3_run", time=1, **options)["msg"]


@pytest.mark.parametrize("command", ["run", "start", "stop"])
def test_nothing_goes_outside_of_the_networks(run_module, command):
    result = run_module("iperf3_run", command=command, address="192.0.2.1", networks=["127.0.0.0/8"])
    assert result["code"] == "OUTSIDE_NETWORKS"


def test_bad_input_is_refused_before_anything_runs(run_module):
    for bad in ({"time": 0}, {"streams": 0}, {"port": 70000}, {"time": 5, "timeout": 5}):
        assert run_module("iperf3_run", **{**LOCAL, **bad})["code"] == "INVALID_OPTION"
    assert run_module("iperf3_run", executable="/nowhere/iperf3", **LOCAL)["code"] == "EXECUTABLE_MISSING"


def test_check_mode_runs_nothing(run_module):
    result = run_module("iperf3_run", check=True, protocol="udp", bitrate="10M", reverse=True, **LOCAL)
    assert result["skipped"] and not result["changed"]
    assert "--bitrate=10M --udp --reverse --json" in result["msg"]
