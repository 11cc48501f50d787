# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What libvirt makes of disks, file systems, and the controllers and addresses of all devices."""

from __future__ import annotations

from ..._xml.rules import Default, Done, Dropped, Ordered, Rewritten, Rule, Sized
from . import computed, forms

PC = "/domain/os/type[@arch = 'x86_64' or @arch = 'i686']"
"""Other machines have defaults of their own, which are left to libvirt."""

_BY_TCP = "not(@transport) or @transport = 'tcp'"
_PORTS = {
    "ftp": "21",
    "ftps": "990",
    "gluster": "24007",
    "http": "80",
    "https": "443",
    "iscsi": "3260",
    "nbd": "10809",
    "sheepdog": "7000",
    "ssh": "22",
    "tftp": "69",
    "vxhs": "9999",
}
_BUSES = {"sd": "scsi", "vd": "virtio", "xvd": "xen", "ubd": "uml"}
"""The bus that the name of a disk tells."""

_MASTER_PORTS = {"ich9-uhci1": "0", "ich9-uhci2": "2", "ich9-uhci3": "4"}

_ADDRESSES = {
    "devices/*/address[@type = 'pci']": ("domain", "bus", "slot", "function"),
    "devices/hostdev[@type = 'pci']/source/address": ("domain", "bus", "slot", "function"),
    "devices/interface[@type = 'hostdev']/source/address": ("domain", "bus", "slot", "function"),
    "devices/disk[@type = 'nvme']/source/address": ("domain", "bus", "slot", "function"),
    "devices/*/address[@type = 'drive']": ("controller", "bus", "target", "unit"),
    "devices/*/address[@type = 'virtio-serial']": ("controller", "bus"),
    "devices/*/address[@type = 'ccid']": ("controller", "slot"),
}
"""Addresses, and of what they are made: each is 0 where it is not given."""

FILLED: list[Rule] = [
    # Before a disk without a bus gets one.
    Done("devices", computed.disk_order),
    Default("devices/disk", "@type", "file"),
    Rewritten("devices/disk[@type = 'volume' or @type = 'nvme'][not(source)]/@type", forms.constant("file")),
    Default("devices/disk", "@device", "disk"),
    Default("devices/disk[@device = 'floppy']", "target/@bus", "fdc"),
    *[
        Default(f"devices/disk[starts-with(target/@dev, '{start}')]", "target/@bus", bus)
        for start, bus in _BUSES.items()
    ],
    Default("devices/disk", "target/@bus", "ide"),
    Default("devices/disk", "driver/@name", "qemu"),
    Default("devices/disk[@type != 'volume']", "driver/@type", "raw"),
    Default("devices/disk[@type = 'vhostuser']", "@snapshot", "no"),
    Default("devices/disk[@type = 'nvme']/source", "@managed", "yes"),
    Default("devices/disk//encryption", "@engine", "qemu"),
    Done("devices/disk[@device = 'cdrom'][not(readonly)]", computed.read_only),
    Dropped("devices/disk//source/host/@port[. = 0]"),
    *[
        Default(f"devices/disk//source[@protocol = '{protocol}']/host[{_BY_TCP}]", "@port", port)
        for protocol, port in _PORTS.items()
    ],
    Default("devices//source/seclabel", "@relabel", "yes"),
    Default("devices/filesystem", "@type", "mount"),
    Default("devices/filesystem", "@accessmode", "passthrough"),
    Done("devices", computed.controller_indexes),
    Default(f"devices/controller[@type = 'usb'][{PC}]", "@model", "piix3-uhci"),
    Default(f"devices/controller[@type = 'scsi'][{PC}]", "@model", "lsilogic"),
    *[
        Default(f"devices/controller[@model = '{model}']", "master/@startport", port)
        for model, port in _MASTER_PORTS.items()
    ],
]

FORMS: list[Rule] = [
    Dropped("devices/disk/mirror"),
    Dropped("devices/disk//source/@index"),
    Dropped("devices/disk//backingStore/@index"),
    Dropped("devices/disk/@snapshot[. = 'no'][../readonly]"),
    Dropped("devices/disk/target/@tray[. = 'closed']"),
    Dropped("devices/disk/source/seclabel[@labelskip]"),
    Rewritten("devices/disk//source[@protocol = 'iscsi']/@name", forms.with_lun),
    Rewritten("devices/hostdev/source[@protocol = 'iscsi']/@name", forms.with_lun),
    Rewritten("devices/filesystem/@*[name() = 'fmode' or name() = 'dmode']", forms.file_mode),
    Sized("devices/disk//metadata_cache/max_size", "bytes"),
    Sized("devices/controller/pcihole64"),
    *[Default(where, f"@{name}", "0") for where, names in _ADDRESSES.items() for name in names],
    Rewritten("devices//address/@*", forms.number),
    Done("devices", computed.multifunction),
    Ordered("devices", "controller", forms.controller_key),
]
