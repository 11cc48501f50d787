# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role guest leaves in a seed where the first boot goes wrong, played on libvirt's test driver."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[3]
NODE = """<node><domain type='test'><name>web</name><memory unit='MiB'>512</memory><os><type>hvm</type></os><devices>
  <serial type='pty'><log file='{log}'/></serial></devices></domain></node>"""
PLAY = [
    {
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [
            {"ansible.builtin.include_role": {"name": "mini.hypervisor.guest", "tasks_from": name}, "vars": variables}
            for name, variables in (("seed", {"__guest_seed_state": "present"}), ("ready", {}))
        ],
    }
]


@pytest.fixture
def played(tmp_path):
    """What the role says, and the seed afterwards, where the console says that and it is waited no longer."""
    place = tmp_path / "session"
    log, seed = place / "console", place / "web-seed.iso"
    variables = {
        "ansible_python_interpreter": sys.executable,
        "guest_uri": f"test://{place}/node.xml",
        "guest_name": "web",
        "guest_ssh_dir": str(place),
        "guest_ssh_port": 9,
        "guest_ready_timeout": 0,
        "guest_run_commands": ["echo canary"],
        "__guest_image": {},
        "__guest_kept": True,
        "__guest_place": {"known": False},
        "__guest_plan": {"seed_changes": True, "boot": "", "disks": {"vdb": str(seed)}},
        "__guest_domain": {"restart_required": False},
    }

    def play(console):
        place.mkdir()
        log.write_text(console)
        (place / "node.xml").write_text(NODE.format(log=log))
        (place / "play.yml").write_text(json.dumps(PLAY))
        found = subprocess.run(
            [Path(sys.executable).with_name("ansible-playbook"), place / "play.yml", "-e", json.dumps(variables)],
            capture_output=True,
            text=True,
            check=False,
            cwd=place,
            env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / "build/collections"), "ANSIBLE_NOCOLOR": "1"},
        )
        assert found.returncode == 2, found.stdout + found.stderr
        return found.stdout, seed.read_bytes()

    return play


def test_secrets_go_when_cloud_init_has_failed(played):
    said, seed = played("cloud-init[411]: 2026-01-01 00:00:00,000 - main.py[CRITICAL]: no datasource\n")
    assert "Guest web is not ready" in said and "cloud_init_error" in said
    assert b"canary" not in seed


def test_they_stay_for_a_first_boot_that_may_still_come(played):
    said, seed = played("Kernel panic - not syncing: no init found\n")
    assert "kernel_panic" in said
    assert b"canary" in seed
