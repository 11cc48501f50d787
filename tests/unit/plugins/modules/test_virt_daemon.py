# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module on daemons of the tests' own: real processes, without libvirt."""

from __future__ import annotations

import shutil
import socket
import time
from pathlib import Path

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._host import daemons, service

pytestmark = pytest.mark.skipif(shutil.which("tini") is None, reason="tini is not installed")


@pytest.fixture
def daemon(tmp_path, monkeypatch, run_module):
    """C(daemon(script)) makes the one daemon that the module knows; it is stopped in the end."""
    path, program = tmp_path / "socket", tmp_path / "bin" / "lab-daemon"
    program.parent.mkdir()
    monkeypatch.setattr(service, "DAEMONS", ("lab-daemon",))
    monkeypatch.setattr(service, "RUNTIME", tmp_path / "run")
    monkeypatch.setattr(service, "_refuse_service_manager", lambda: None)
    monkeypatch.setitem(daemons.SOCKETS, "lab-daemon", str(path))
    monkeypatch.setattr(daemons, "PATH", f"{program.parent}:{daemons.PATH}")

    def make(script: str) -> str:
        program.write_text(f"#!/usr/bin/python3\n{script}\n")
        program.chmod(0o755)
        return str(path)

    yield make
    run_module("virt_daemon", state="stopped", timeout=5)


SERVE = """
import socket, sys, time
server = socket.socket(socket.AF_UNIX)
server.bind({path!r})
server.listen()
time.sleep(60)
"""


def test_a_daemon_is_started_once_and_stopped_once(daemon, run_module):
    path = daemon("")
    daemon(SERVE.format(path=path))
    predicted = run_module("virt_daemon", check=True)
    assert predicted["changed"] and predicted["daemons"][0]["state"] == "stopped"

    started = run_module("virt_daemon", timeout=10)
    assert started["changes"] == predicted["changes"] and started["daemons"][0]["state"] == "started"
    again = run_module("virt_daemon")
    assert not again["changed"] and again["daemons"] == started["daemons"]

    stopped = run_module("virt_daemon", state="stopped", timeout=10)
    assert stopped["changed"] and stopped["daemons"][0]["pid"] is None
    assert not run_module("virt_daemon", state="stopped")["changed"]
    assert not Path(started["daemons"][0]["log"]).exists()


def test_a_daemon_of_somebody_else_is_left_alone(daemon, run_module):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(daemon(""))
        server.listen()
        for state in ("started", "stopped"):
            result = run_module("virt_daemon", state=state)
            (found,) = result["daemons"]
            assert not result["changed"] and found["state"] == "started" and found["pid"] is None


def test_a_daemon_that_ends_is_told_with_its_last_words(daemon, run_module):
    daemon("import sys; sys.exit('cannot read my configuration')")
    failed = run_module("virt_daemon", timeout=10)
    assert failed["code"] == "DAEMON_FAILED" and "cannot read my configuration" in failed["msg"]


def test_a_daemon_that_does_not_answer_is_told_in_time(daemon, run_module):
    daemon("import time; time.sleep(60)")
    start = time.monotonic()
    failed = run_module("virt_daemon", timeout=1)
    assert failed["code"] == "DAEMON_TIMEOUT" and time.monotonic() - start < 5


def test_what_is_not_installed_is_named(daemon, run_module):
    failed = run_module("virt_daemon", timeout=1)
    assert failed["code"] == "MISSING_PROGRAM" and "lab-daemon cannot be found" in failed["msg"]
