# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import shlex
import shutil
import subprocess

import pytest

from ansible_collections.mini.hypervisor.plugins.plugin_utils._inventory import hosts
from ansible_collections.mini.hypervisor.plugins.plugin_utils._inventory.hypervisors import Hypervisor

GUEST = {
    "uuid": "8dbac3d7-c18c-40f6-a3ab-e0be4800adff",
    "address": "192.168.122.10",
    "state": "running",
    "hypervisor": "big",
    "pools": ["images"],
    "metadata": {"role": "web"},
    "interfaces": [{"network": "default"}, {"network": None}],
}
BIG = Hypervisor("qemu+ssh://root@big:2222/system", "big", "root@big:2222")


def test_a_guest_of_this_machine_needs_only_its_address():
    local = Hypervisor("qemu:///system", "local")
    assert hosts.connection(GUEST, local, "web") == {"ansible_host": "192.168.122.10"}
    assert hosts.connection({**GUEST, "address": None}, local, "web") == {}


def test_one_address_on_two_hypervisors_is_two_machines():
    small = Hypervisor("qemu+ssh://root@small/system", "small", "root@small")
    first, second = hosts.connection(GUEST, BIG, "web.big"), hosts.connection(GUEST, small, "web.small")
    assert first["ansible_host"] == second["ansible_host"]
    assert first["ansible_control_path"] != second["ansible_control_path"]
    assert first["ansible_control_path"] % {"directory": "/d"} == first["ansible_control_path"].replace(
        "%(directory)s", "/d"
    ).replace("%%", "%")


@pytest.mark.skipif(not shutil.which("ssh"), reason="needs ssh")
def test_ssh_understands_the_way():
    found = hosts.connection(GUEST, BIG, "web.big")
    command = ["ssh", "-F", "none", "-G", *shlex.split(found["ansible_ssh_common_args"]), found["ansible_host"]]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout.splitlines()
    assert "proxyjump root@big:2222" in printed
    assert "hostkeyalias web.big" in printed
    assert "stricthostkeychecking ask" in printed, "nothing weakens the check of host keys"


def test_groups():
    assert hosts.groups(GUEST, ["state", "network", "hypervisor", "pool", "metadata"]) == [
        *("state_running", "network_default", "hypervisor_big", "pool_images", "metadata_role_web")
    ]
    assert hosts.groups(GUEST, []) == []


def test_facts_are_told_from_other_variables():
    assert hosts.facts(GUEST)["virt_uuid"] == GUEST["uuid"] and len(hosts.facts(GUEST)) == len(GUEST)
