# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._domain.stated import carry_identity, unmet
from ansible_collections.mini.hypervisor.plugins.module_utils._xml import document

DISK = "<disk type='file' device='disk'><source file='/srv/{0}'/><target dev='{0}' bus='virtio'/></disk>"
CARD = "<interface type='network'><mac address='52:54:00:aa:bb:cc'/><source network='default'/></interface>"
ADDED = (
    "<controller type='pci' index='0' model='pcie-root'/><input type='mouse' bus='ps2'/><memballoon model='virtio'/>"
)
ACTUAL = f"""<domain type='qemu'><name>web</name><uuid>6c6dd57b-4d6b-4c3a-8d2b-0d4b1b1a7c3e</uuid>
<memory unit='KiB'>262144</memory><vcpu placement='static'>2</vcpu>
<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>
<devices>{DISK.format("vda")}{DISK.format("vdb")}{CARD}{ADDED}</devices></domain>"""
STATED = f"""<domain type='qemu'><name>web</name><memory unit='MiB'>256</memory><vcpu>
2 </vcpu><os><type machine='q35'>hvm</type></os>
<devices>{DISK.format("vda")}{DISK.format("vdb")}<interface type='network'><source network='default'/></interface>
</devices></domain>"""

GRAPHICS = "<domain><devices><graphics type='vnc' passwd='{0}'/></devices></domain>"
BARE = "<domain><devices><graphics type='vnc'/></devices></domain>"


def paths(text):
    stated, actual = document.parse(text), document.parse(ACTUAL)
    carry_identity(stated, actual)
    return [change.path for change in unmet(stated, actual)]


def test_what_libvirt_adds_and_rewrites_is_no_difference():
    assert paths(STATED) == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (">256<", ">512<", ["xml/memory"]),
        ("'MiB'>256<", "'b'>268000000<", []),
        ("machine='q35'", "machine='pc'", ["xml/os/type/@machine"]),
        (DISK.format("vdb"), "", ["xml/devices/disk[vdb]"]),
        ("network='default'", "network='other'", ["xml/devices/interface/source/@network"]),
        ("</devices>", "<controller type='pci' model='pcie-root'/></devices>", []),
        (
            "</devices>",
            "<rng model='virtio'><backend model='random'>/dev/random</backend></rng></devices>",
            ["xml/devices/rng"],
        ),
    ],
)
def test_each_statement_has_to_hold(old, new, found):
    assert old in STATED
    assert paths(STATED.replace(old, new)) == found


def test_identity_is_carried_over_by_position():
    stated = document.parse(STATED)
    carry_identity(stated, document.parse(ACTUAL))
    assert document.get(stated, "uuid") == "6c6dd57b-4d6b-4c3a-8d2b-0d4b1b1a7c3e"
    assert document.get(stated, "devices/interface/mac/@address") == "52:54:00:aa:bb:cc"
    assert document.get(stated, "os/type/@machine") == "pc-q35-7.2"


def test_devices_stay_where_they_are_unless_the_machine_changes():
    slot = "<address type='pci' domain='0x0000' bus='0x04' slot='0x00' function='0x0'/>"
    actual = document.parse(
        ACTUAL.replace("<target dev='vdb' bus='virtio'/>", f"<target dev='vdb' bus='virtio'/>{slot}")
    )
    places = ".//disk/address/@bus"
    for text, found in (
        (STATED.replace(DISK.format("vda"), ""), ["0x04"]),
        (STATED.replace("dev='vdb' bus='virtio'", "dev='vdb' bus='sata'"), []),
        (STATED.replace("machine='q35'", "machine='pc'"), []),
    ):
        stated = document.parse(text)
        carry_identity(stated, actual)
        assert stated.xpath(places) == found
        assert len(stated.findall("devices/controller")) == ("machine='pc'" not in text)


def test_passwords_are_compared_where_they_are_known_and_never_shown():
    stated = document.parse(GRAPHICS.format("hidden"))
    missing, other, same = (
        document.parse(text) for text in (BARE, GRAPHICS.format("earlier"), GRAPHICS.format("hidden"))
    )
    changes = [*unmet(stated, missing), *unmet(stated, other)]
    assert [change.path for change in changes] == ["xml/devices/graphics/@passwd"] * 2
    assert "hidden" not in str(changes) and "earlier" not in str(changes)
    assert unmet(stated, same) == [] and unmet(stated, missing, secure=False) == []
