# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from ansible_collections.mini.hypervisor.plugins.plugin_utils import progress

JOB = "j473829104756"
RUNNING = {"started": 1, "finished": 0, "ansible_job_id": f"{JOB}.1"}


def look(place, known=0):
    command = progress._look(str(place / f"{JOB}.1"), str(place / "progress"), known)
    return progress._seen(
        subprocess.run(["/bin/sh", "-c", command], check=False, capture_output=True, text=True).stdout
    )


@pytest.fixture
def job():
    """A process with the job's number as an argument, leading a process group as async_wrapper's does."""
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)", JOB]
    with subprocess.Popen(sleeper, start_new_session=True) as process:
        yield process
        process.kill()


def test_a_look_tells_the_new_lines_and_how_the_job_is(tmp_path, job):
    assert look(tmp_path) == (False, True, [])
    (tmp_path / f"{JOB}.1").write_text(json.dumps(RUNNING))
    (tmp_path / "progress").write_text("10 of 20 MiB\nresult {}\r\n")
    assert look(tmp_path) == (False, True, ["10 of 20 MiB", "result {}"])
    assert look(tmp_path, known=1) == (False, True, ["result {}"])
    (tmp_path / f"{JOB}.1").write_text(json.dumps({"changed": False, "guest": {"phases": {"started": 1}}}))
    assert look(tmp_path)[0]


@pytest.mark.parametrize(("found", "naps"), [(RUNNING, 4 * progress.POLL), ({"changed": False}, 0)])
def test_a_look_waits_while_the_job_runs(tmp_path, monkeypatch, found, naps):
    nap = tmp_path / "sleep"
    nap.write_text(f"#!/bin/sh\necho nap >>{tmp_path}/naps\n")
    nap.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    (tmp_path / "naps").touch()
    (tmp_path / f"{JOB}.1").write_text(json.dumps(found))
    look(tmp_path)
    assert (tmp_path / "naps").read_text() == "nap\n" * naps


def test_a_look_does_not_find_itself_and_sees_that_the_job_is_gone(tmp_path):
    (tmp_path / f"{JOB}.1").write_text(json.dumps(RUNNING))
    assert look(tmp_path) == (False, False, [])


def test_the_job_is_ended_with_its_process_group(tmp_path, job):
    subprocess.run(["/bin/sh", "-c", progress._end(str(tmp_path / f"{JOB}.1"))], check=True)
    assert job.wait(5) == -15


def test_lines_are_said_once_and_silence_is_broken(monkeypatch):
    said, now = [], [0.0]
    monkeypatch.setattr(progress.Display, "display", lambda _self, text, **_more: said.append(text))
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    speaker, silent = progress._Speaker("lab", silent=False), progress._Speaker("lab", silent=True)
    for now[0], lines in ((3.0, ["a"]), (6.0, ["a"]), (9.0, []), (34.0, ["a"]), (40.0, ["* b", "c", "* d", "e", "f"])):
        speaker.progress(lines)
        silent.progress(lines)
    assert said == ["[lab] a", "[lab] a (for 34 s)", "[lab] b", "[lab] d", "[lab] f"]
