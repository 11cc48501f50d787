# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What libvirtd itself says of whole documents is asked by C(make corpus); these are the rules one by one."""

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._domain.stated import carry_identity, unmet
from ansible_collections.mini.hypervisor.plugins.module_utils._xml import document

SLOT = "<address type='pci' domain='0x0000' bus='0x{0}' slot='0x00' function='0x0'/>"
DISK = "<disk type='file' device='disk'><source file='/srv/{0}'/><target dev='{0}' bus='virtio'/>{1}</disk>"
CARD = (
    "<interface type='network'>{0}<source network='default'/><model type='virtio'/>{1}</interface>"
    "<interface type='network'>{2}<source network='lab'/><model type='virtio'/>{3}</interface>"
)
ADDED = f"""<controller type='pci' index='0' model='pcie-root'/>
<controller type='pci' index='1' model='pcie-root-port'><model name='pcie-root-port'/><target chassis='1' port='0x8'/>
<address type='pci' domain='0x0000' bus='0x00' slot='0x01' function='0x0'/></controller>
<input type='mouse' bus='ps2'/><input type='keyboard' bus='ps2'/><audio id='1' type='none'/>
<memballoon model='virtio'>{SLOT.format("06")}</memballoon>"""
ACTUAL = f"""<domain type='qemu'><name>web</name><uuid>6c6dd57b-4d6b-4c3a-8d2b-0d4b1b1a7c3e</uuid>
<memory unit='KiB'>262144</memory><currentMemory unit='KiB'>262144</currentMemory>
<vcpu placement='static'>2</vcpu><os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><boot dev='hd'/></os>
<cpu mode='custom' match='exact' check='none'><model fallback='forbid'>qemu64</model></cpu><clock offset='utc'/>
<on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>restart</on_crash>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
{DISK.format("vda", SLOT.format("02"))}{DISK.format("vdb", SLOT.format("03"))}
{
    CARD.format(
        "<mac address='52:54:00:aa:bb:cc'/>",
        SLOT.format("04"),
        "<mac address='52:54:00:aa:bb:dd'/>",
        SLOT.format("05"),
    )
}
{ADDED}</devices></domain>"""
CARDS = CARD.format("", "", "", "")
STATED = f"""<domain type='qemu'><name>web</name><memory unit='MiB'>256</memory><vcpu>
2 </vcpu><os><type machine='q35'>hvm</type></os><on_crash>restart</on_crash>
<devices>{DISK.format("vda", "")}{DISK.format("vdb", "")}{CARDS}</devices></domain>"""

GRAPHICS = "<domain><devices><graphics type='vnc' passwd='{0}'/></devices></domain>"
BARE = "<domain><devices><graphics type='vnc'/></devices></domain>"


def carried(text, actual=ACTUAL):
    stated = document.parse(text)
    carry_identity(stated, document.parse(actual))
    return stated


def paths(text, actual=ACTUAL):
    return [change.path for change in unmet(carried(text, actual), document.parse(actual))]


def test_what_libvirt_adds_and_rewrites_is_no_difference():
    assert paths(STATED) == []
    assert paths(ACTUAL) == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (">256<", ">512<", ["xml/memory", "xml/currentMemory"]),
        ("'MiB'>256<", "'b'>268435455<", []),
        ("<on_crash>restart</on_crash>", "", ["xml/on_crash"]),
        ("<on_crash>", "<on_reboot>restart</on_reboot><on_crash>", []),
        ("<on_crash>", "<on_reboot>destroy</on_reboot><on_crash>", ["xml/on_reboot"]),
        ("<on_crash>", "<cpu mode='host-passthrough'/><on_crash>", ["xml/cpu/@mode"]),
        ("machine='q35'", "machine='pc'", ["xml/os/type/@machine"]),
        (DISK.format("vdb", ""), "", ["xml/devices/disk[vdb]"]),
        ("file='/srv/vdb'", "file='/srv/vdc'", ["xml/devices/disk[vdb]/source/@file"]),
        ("network='lab'", "network='other'", ["xml/devices/interface[52:54:00:aa:bb:dd]/source/@network"]),
        ("</devices>", "<controller type='pci' model='pcie-root'/></devices>", []),
        ("</devices>", "<memballoon model='none'/></devices>", ["xml/devices/memballoon/@model"]),
        (
            "</devices>",
            "<rng model='virtio'><backend model='random'>/dev/random</backend></rng></devices>",
            ["xml/devices/rng"],
        ),
    ],
)
def test_a_document_is_the_same_where_libvirt_would_store_the_same(old, new, found):
    assert old in STATED
    changed = paths(STATED.replace(old, new))
    assert set(found) <= set(changed)
    assert bool(changed) == bool(found)


def test_identity_is_carried_over():
    stated = carried(STATED)
    assert document.get(stated, "uuid") == "6c6dd57b-4d6b-4c3a-8d2b-0d4b1b1a7c3e"
    assert stated.xpath("devices/interface/mac/@address") == ["52:54:00:aa:bb:cc", "52:54:00:aa:bb:dd"]
    assert document.get(stated, "os/type/@machine") == "pc-q35-7.2"


def test_a_card_keeps_its_address_where_another_goes():
    stated = carried(STATED.replace(CARDS, CARDS[CARDS.index("</interface>") + len("</interface>") :]))
    assert stated.xpath("devices/interface/mac/@address") == ["52:54:00:aa:bb:dd"]


def test_an_address_that_the_document_gives_away_is_not_carried():
    stated = carried(STATED.replace("/srv/vda'/>", "/srv/vda'/>" + SLOT.format("03")))
    assert stated.xpath("devices/disk/address/@bus") == ["0x03"]


@pytest.mark.parametrize(
    ("old", "new", "places"),
    [
        (DISK.format("vda", ""), "", ["0x03"]),
        ("dev='vdb' bus='virtio'", "dev='vdb' bus='sata'", ["0x02"]),
        ("machine='q35'", "machine='pc'", []),
    ],
)
def test_devices_stay_where_they_are_unless_the_machine_changes(old, new, places):
    stated = carried(STATED.replace(old, new))
    assert stated.xpath("devices/disk/address/@bus") == places
    assert len(stated.findall("devices/controller")) == (2 if places else 0)
    assert stated.xpath("devices/memballoon/address/@bus") == (["0x06"] if places else [])


def test_passwords_are_compared_where_they_are_known_and_never_shown():
    stated = document.parse(GRAPHICS.format("hidden"))
    missing, other, same = (
        document.parse(text) for text in (BARE, GRAPHICS.format("earlier"), GRAPHICS.format("hidden"))
    )
    changes = [*unmet(stated, missing), *unmet(stated, other)]
    assert [change.path for change in changes] == ["xml/devices/graphics/@passwd"] * 2
    assert "hidden" not in str(changes) and "earlier" not in str(changes)
    assert unmet(stated, same) == [] and unmet(stated, missing, secure=False) == []


def test_a_document_that_was_read_without_secrets_does_not_remove_them():
    cookies = "<cookies><cookie name='a'>hidden</cookie></cookies>"
    source = "<disk type='network'><source protocol='http' name='x'>{0}</source><target dev='vda'/></disk></devices>"
    kept = document.parse(GRAPHICS.format("hidden").replace("</devices>", source.format(cookies)))
    stated = document.parse(BARE.replace("</devices>", source.format("")))
    carry_identity(stated, kept)
    assert unmet(stated, kept) == []
    document.put(stated, "devices/disk/source/cookies/cookie", "other")
    changes = unmet(stated, kept)
    assert [change.path for change in changes] == ["xml/devices/disk/source/cookies/cookie"]
    assert "hidden" not in str(changes) and "other" not in str(changes)
