# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.plugins.action import ActionBase

from ansible_collections.mini.hypervisor.plugins.action import guest_restore

GUEST = {
    "name": "web",
    "took": {"restored": 0.9, "agent": None},
    "phases": {"started": 0.0, "kernel": None, "sshd": 2.2},
}


class Task:
    check_mode, async_val, no_log, delegate_to = False, 0, False, "hypervisor"
    args: dict[str, str] = {}
    action = "mini.hypervisor.guest_restore"


class Play:
    no_log, remote_addr = False, "web"


@pytest.fixture
def action(monkeypatch):
    monkeypatch.setattr(ActionBase, "run", lambda *_arguments: {})
    action = object.__new__(guest_restore.ActionModule)
    action._task, action._play_context = Task(), Play()
    return action


def test_only_many_guests_are_watched(action):
    assert not action._is_long({"ansible_play_batch": ["web"]}) and not action._is_long({})
    assert action._is_long({"ansible_play_batch": ["web", "db"]})


def test_the_steps_of_a_single_one_are_told_afterwards(action, monkeypatch, capsys):
    monkeypatch.setattr(action, "_execute_module", lambda **_arguments: {"changed": True, "guest": GUEST})
    assert action.run(None, {"inventory_hostname": "web"})["guest"] == GUEST
    assert capsys.readouterr().out.splitlines() == [
        "[web -> hypervisor] guest web: restored after 0.9 s",
        "[web -> hypervisor] guest web: started after 0.0 s",
        "[web -> hypervisor] guest web: sshd after 2.2 s",
    ]


def test_a_failure_is_told_by_ansible_alone(action, monkeypatch, capsys):
    monkeypatch.setattr(action, "_execute_module", lambda **_arguments: {"failed": True, "code": "NOT_SAVED"})
    assert action.run(None, {"inventory_hostname": "web"})["code"] == "NOT_SAVED"
    assert capsys.readouterr().out == ""
