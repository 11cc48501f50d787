# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What guests of several hypervisors are told where one does not answer, played on libvirt's test driver."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[3]
LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, "ansible_become": False}
HYPERVISORS = {
    "north": {"ansible_host": "127.0.0.1", "ansible_port": 1, "ansible_become": False},
    "south": {**LOCAL, "host_uri": "test:///default"},
}
GUESTS = {
    "web": {"guest_hypervisor": "north"},
    "test": {"guest_hypervisor": "south"},
    "odd": {"guest_hypervisor": "nowhere", "guest_user": "Root"},
}


def test_each_guest_is_told_what_concerns_it(tmp_path):
    groups = {"hypervisors": {"hosts": HYPERVISORS}, "guests": {"hosts": GUESTS}}
    (tmp_path / "hosts.json").write_text(json.dumps(groups))
    play = {"hosts": "guests", "gather_facts": False, "roles": ["mini.hypervisor.guest"]}
    (tmp_path / "play.yml").write_text(json.dumps([play]))
    played = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), "-i", tmp_path / "hosts.json", tmp_path / "play.yml"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / "build/collections"), "ANSIBLE_NOCOLOR": "1"},
    )
    told = dict(re.findall(r'^fatal: \[(\w+)\]: FAILED! => .*?"msg": "(.*)"', played.stdout, re.MULTILINE))
    assert set(told) == set(GUESTS), played.stdout + played.stderr
    assert "north cannot be looked at" in told["web"] and "Connection refused" in told["web"]
    assert "There is a domain test on south that this role did not make" in told["test"]
    assert "not in the inventory" in told["odd"] and "guest_user 'Root'" in told["odd"]
