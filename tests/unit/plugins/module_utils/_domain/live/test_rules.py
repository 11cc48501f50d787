# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._domain.live.rules import decided
from ansible_collections.mini.hypervisor.plugins.module_utils._xml import document
from ansible_collections.mini.hypervisor.plugins.module_utils._xml.difference import Change

PORTS = "".join(f"<controller type='pci' index='{index}' model='pcie-root-port'/>" for index in range(1, 4))
GUEST = f"""<domain type='kvm' id='1'><memory unit='KiB'>262144</memory><currentMemory>262144</currentMemory>
<maxMemory slots='1'>1048576</maxMemory>
<vcpu current='3'>4</vcpu><vcpus><vcpu id='0' enabled='yes' hotpluggable='no'/>
<vcpu id='1' enabled='yes' hotpluggable='no'/><vcpu id='2' enabled='yes' hotpluggable='yes'/></vcpus>
<devices><controller type='pci' index='0' model='pcie-root'/>{PORTS}
<disk device='disk'><target dev='vda' bus='virtio'/>
<address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></disk>
<disk device='cdrom'><target dev='sda' bus='sata'/></disk>
<memballoon model='virtio'/></devices></domain>"""


def applied(*changes, guest=GUEST, runs=True):
    asked = [Change(path, before, after, "live") for path, before, after in changes]
    return [change.applied for change in decided(asked, document.parse(guest), runs)]


@pytest.mark.parametrize(("wanted", "expected"), [(4, "live"), (5, "next_boot"), (2, "live"), (1, "next_boot")])
def test_processors_come_up_to_the_largest_number_and_go_down_to_those_of_the_start(wanted, expected):
    assert applied(("vcpus", 3, wanted)) == [expected]


def test_tcg_takes_no_processor_away():
    assert applied(("vcpus", 3, 2), guest=GUEST.replace("'kvm'", "'qemu'")) == ["next_boot"]
    assert applied(("vcpus", 3, 4), guest=GUEST.replace("'kvm'", "'qemu'")) == ["live"]


def test_the_balloon_works_below_the_memory_of_the_start():
    mib = 1024 * 1024
    assert applied(("current_memory", 256 * mib, 128 * mib)) == ["live"]
    assert applied(("current_memory", 128 * mib, 512 * mib)) == ["next_boot"]
    without = GUEST.replace("model='virtio'", "model='none'")
    assert applied(("current_memory", 256 * mib, 128 * mib), guest=without) == ["next_boot"]


def test_devices_are_plugged_in_while_there_are_ports():
    disks = [(f"disks[vd{letter}]", None, {"target": f"vd{letter}"}) for letter in "bcd"]
    assert applied(*disks) == ["live", "live", "next_boot"]
    usb = ("disks[sdb]", None, {"target": "sdb", "bus": "usb"})
    assert applied(*disks[:2], usb) == ["live", "live", "live"]


def test_conventional_cards_need_a_conventional_slot():
    card = ("interfaces[52:54:00:00:00:01]", None, {"mac": "52:54:00:00:00:01", "model": "e1000"})
    assert applied(card) == ["next_boot"]
    assert applied(card, guest=GUEST.replace("pcie-root'", "pci-root'")) == ["live"]


def test_what_the_bus_does_not_know_waits():
    assert applied(("disks[sdb]", None, {"target": "sdb", "bus": "sata"})) == ["next_boot"]
    assert applied(("disks[sdb]", None, {"target": "sdb", "bus": "scsi"})) == ["next_boot"]
    assert applied(("disks[sda]", {"target": "sda"}, None)) == ["next_boot"]
    assert applied(("channels[x]", None, {"name": "x"}), ("guest_agent", False, True)) == ["next_boot"] * 2
    assert applied(("filesystems[x]", None, {"target": "x", "driver": "virtiofs"})) == ["next_boot"]


def test_memory_has_slots_of_its_own():
    asked = [(f"memory_devices[dimm{number}]", None, {"name": f"dimm{number}"}) for number in range(1)]
    assert applied(*asked) == ["live"]
    full = GUEST.replace("<memballoon", "<memory model='dimm'/><memballoon")
    assert applied(*asked, guest=full) == ["next_boot"]


def test_media_are_changed_and_disks_are_not():
    assert applied(("disks[sda].source", "/a", "/b"), ("disks[vda].source", "/a", "/b")) == ["live", "next_boot"]


def test_a_guest_that_does_not_run_cannot_release_what_it_has():
    gone = ("disks[vda]", {"target": "vda"}, None)
    assert applied(gone) == ["live"]
    assert applied(gone, runs=False) == ["next_boot"]
