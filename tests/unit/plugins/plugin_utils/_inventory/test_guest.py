# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._xml import document
from ansible_collections.mini.hypervisor.plugins.plugin_utils._inventory import guest

WEB = """<domain type='qemu'><name>web</name><uuid>8dbac3d7-c18c-40f6-a3ab-e0be4800adff</uuid>
  <title>The web</title>
  <metadata>
    <lab:facts xmlns:lab='https://github.com/mini-hypervisor/mini.hypervisor/metadata/1'>
      <lab:fact name='role'>web</lab:fact></lab:facts>
    <libosinfo:libosinfo xmlns:libosinfo='http://libosinfo.org/xmlns/libvirt/domain/1.0'>
      <libosinfo:os id='http://debian.org/debian/12'/></libosinfo:libosinfo>
  </metadata>
  <memory unit='MiB'>512</memory><vcpu>2</vcpu><os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>
  <devices>
    <disk type='volume'><source pool='images' volume='web'/><target dev='vda'/></disk>
    <disk type='file'><source file='/srv/data'/><target dev='vdb'/></disk>
    <disk type='file' device='cdrom'><target dev='sda'/></disk>
    <interface type='network'><mac address='52:54:00:00:00:01'/><source network='default' bridge='virbr0'/>
      <target dev='vnet0'/></interface>
    <interface type='user'/>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='disconnected'/></channel>
  </devices></domain>"""


@pytest.fixture
def web():
    return document.parse(WEB, "domain")


def test_facts(web):
    assert guest.facts(web) == {
        "uuid": "8dbac3d7-c18c-40f6-a3ab-e0be4800adff",
        "type": "qemu",
        "title": "The web",
        "description": None,
        "metadata": {"role": "web"},
        "memory": 512 * 1024 * 1024,
        "vcpus": 2,
        "arch": "x86_64",
        "machine": "pc-q35-7.2",
        "os": "http://debian.org/debian/12",
        "pools": ["images"],
        "interfaces": [
            {
                "type": "network",
                "mac": "52:54:00:00:00:01",
                "network": "default",
                "bridge": "virbr0",
                "target": "vnet0",
                "addresses": [],
            },
            {"type": "user", "mac": None, "network": None, "bridge": None, "target": None, "addresses": []},
        ],
    }


def test_an_agent_that_is_not_connected_is_none(web):
    assert not guest.has_agent(web)
    assert guest.has_agent(document.parse(WEB.replace("disconnected", "connected"), "domain"))
    assert not guest.has_agent(document.parse(WEB.replace("org.qemu.guest_agent.0", "com.redhat.spice.0"), "domain"))
