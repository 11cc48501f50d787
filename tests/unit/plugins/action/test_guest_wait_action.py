# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real play on this machine, since the plugin is all about Ansible's own machinery."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.mini.hypervisor.plugins.plugin_utils import progress

COLLECTIONS = Path(progress.__file__).parents[5]


@pytest.fixture
def play(tmp_path):
    """C(play(**keywords of the task)) -> what the play printed, and the result of the task."""

    def run(**keywords):
        (tmp_path / "console.log").write_text("[    0.000000] Linux version 6.1.0\r\n")
        wait = {"uri": "test:///default", "name": "test", "address": "127.0.0.1", "ssh_port": 1, "deadline": 2}
        wait["console_log"] = str(tmp_path / "console.log")
        tasks = [
            {"mini.hypervisor.guest_wait": wait, "register": "result", "ignore_errors": True, **keywords},
            {"ansible.builtin.copy": {"dest": str(tmp_path / "result"), "content": "{{ result | to_json }}"}},
        ]
        (tmp_path / "play.yml").write_text(json.dumps([{"hosts": "box", "gather_facts": False, "tasks": tasks}]))
        environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_ASYNC_DIR": str(tmp_path / "jobs"),
        }
        command = [sys.executable, "-m", "ansible", "playbook", "-i", "box,hypervisor,", "-c", "local"]
        command += ["-e", f"ansible_python_interpreter={sys.executable}", str(tmp_path / "play.yml")]
        done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        assert not any((tmp_path / "jobs").iterdir()), "nothing is left"
        return done.stdout, json.loads((tmp_path / "result").read_text())

    return run


def test_progress_is_shown_and_the_failure_is_the_modules_own(play):
    printed, result = play(delegate_to="hypervisor")
    assert "[box -> hypervisor] guest test: kernel after 0.0 s (+0.0 s)" in printed
    assert "[box -> hypervisor] guest test: started after 0.0 s (+0.0 s)" in printed
    assert result["code"] == "GUEST_NOT_READY" and result["details"]["class"] == "ssh_refused"
    assert result["failed"] and not {"ansible_job_id", "started", "finished", "results_file"} & set(result)


def test_no_log_is_silent(play):
    printed, result = play(no_log=True)
    assert "guest test" not in printed and result["code"] == "GUEST_NOT_READY"
