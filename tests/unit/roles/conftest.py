# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Roles, or parts of them, that are played on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils import _errors

COLLECTIONS = Path(_errors.__file__).parents[5]


@pytest.fixture
def play_role(tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """C(play_role("guest", "check", guest_locale=...)) -> the exit code of ansible-playbook, and what it says."""
    program = Path(sys.executable).with_name("ansible-playbook")
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "ANSIBLE_NOCOLOR": "1"}

    def play(role: str, tasks: str, **options: Any) -> tuple[int, str]:
        include = {"ansible.builtin.include_role": {"name": f"mini.hypervisor.{role}", "tasks_from": tasks}}
        book = tmp_path / "play.yml"
        book.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [include]}]))
        python = {"ansible_python_interpreter": sys.executable}
        argv = [str(program), "-i", "localhost,", "-c", "local", "-e", json.dumps({**python, **options}), str(book)]
        ended = subprocess.run(argv, env=environment, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
        return ended.returncode, ended.stdout + ended.stderr

    return play
