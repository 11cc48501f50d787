# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._domain.pending import differing
from ansible_collections.mini.hypervisor.plugins.module_utils._xml import document
from ansible_collections.mini.hypervisor.plugins.module_utils._xml.difference import Change

STORED = """<domain type='qemu'><name>web</name><uuid>6c6dd57b-4d6b-4c3a-8d2b-0d4b1b1a7c3e</uuid>
<memory unit='KiB'>219100</memory><currentMemory unit='KiB'>219100</currentMemory>
<vcpu placement='static'>1</vcpu><os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/srv/web'/>
<target dev='vda' bus='virtio'/><shareable/></disk>
<controller type='pci' index='0' model='pcie-root'/>
<graphics type='vnc' port='-1' autoport='yes'/>
</devices></domain>"""

# As libvirt 9.0 showed it of a guest that ran under QEMU 7.2.
LIVE = (
    STORED.replace("<domain", "<domain id='7'")
    .replace("219100", "219136")
    .replace("<vcpu ", "<resource><partition>/machine</partition></resource><vcpu ")
    .replace("type='raw'/>", "type='raw' cache='none'/><backingStore/>")
    .replace("file='/srv/web'", "file='/srv/web' index='1'")
    .replace("model='pcie-root'/>", "model='pcie-root'><alias name='pcie.0'/></controller>")
    .replace(
        "port='-1' autoport='yes'/>",
        "port='5900' autoport='yes' listen='127.0.0.1'><listen type='address'/></graphics>",
    )
    .replace(
        "</devices>", "</devices><seclabel type='dynamic' model='dac' relabel='yes'><label>+1:+1</label></seclabel>"
    )
)


def paths(live, stored, done=()):
    return [change.path for change in differing(document.parse(live), document.parse(stored), done)]


def test_what_libvirt_chose_at_the_start_is_no_difference():
    assert paths(LIVE, STORED) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("219100", "262144", "memory"),
        ("<shareable/>", "<serial>one</serial><shareable/>", "disks[vda].serial"),
        ("</devices>", "<iommu model='intel'/></devices>", "xml/devices/iommu"),
        ("<devices>", "<features><hyperv><vapic state='on'/></hyperv></features><devices>", "features.hyperv.vapic"),
        (
            "model='pcie-root'/>",
            "model='pcie-root'><pcihole64 unit='KiB'>1024</pcihole64></controller>",
            "xml/devices/",
        ),
    ],
)
def test_a_difference_is_told_by_option_or_by_place(old, new, expected):
    found = paths(LIVE, STORED.replace(old, new))
    assert found and all(path.startswith(expected) for path in found)
    assert paths(LIVE.replace(old, new), STORED) or old not in LIVE


def test_what_is_done_is_no_difference_any_more():
    stored = STORED.replace("<shareable/>", "<serial>one</serial><shareable/>")
    assert paths(LIVE, stored, [Change("disks[vda]", None, {}, "live")]) == []
    assert paths(LIVE, stored, [Change("disks[vdb]", None, {}, "live")]) != []


def test_a_device_that_only_one_has_is_told_once():
    stored = STORED.replace(
        "<controller", "<disk type='file' device='disk'><target dev='vdb' bus='virtio'/></disk><controller"
    )
    assert paths(LIVE, stored) == ["disks[vdb]"]
