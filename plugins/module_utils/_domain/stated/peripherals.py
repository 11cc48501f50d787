# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What libvirt makes of the devices of a domain."""

from __future__ import annotations

from ..._xml.rules import Default, Derived, Done, Dropped, Ordered, Rewritten, Rule, Sized, Unique
from . import computed, forms, graphics

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
_PC = "/domain/os/type[@arch = 'x86_64' or @arch = 'i686']"
"""Other machines have defaults of their own, which are left to libvirt."""

FILLED: list[Rule] = [
    # Disks
    Done("devices", computed.disk_order),
    Default("devices/disk", "@type", "file"),
    Rewritten("devices/disk[@type = 'volume' or @type = 'nvme'][not(source)]/@type", forms.constant("file")),
    Default("devices/disk", "@device", "disk"),
    Default("devices/disk[@device = 'floppy']", "target/@bus", "fdc"),
    Default("devices/disk[starts-with(target/@dev, 'sd')]", "target/@bus", "scsi"),
    Default("devices/disk[starts-with(target/@dev, 'vd')]", "target/@bus", "virtio"),
    Default("devices/disk[starts-with(target/@dev, 'xvd')]", "target/@bus", "xen"),
    Default("devices/disk[starts-with(target/@dev, 'ubd')]", "target/@bus", "uml"),
    Default("devices/disk", "target/@bus", "ide"),
    Default("devices/disk", "driver/@name", "qemu"),
    Default("devices/disk[@type != 'volume']", "driver/@type", "raw"),
    Done("devices/disk[@device = 'cdrom'][not(readonly)]", computed.read_only),
    Default("devices/disk//encryption", "@engine", "qemu"),
    # Controllers
    Done("devices", computed.controller_indexes),
    Default(f"devices/controller[@type = 'usb'][{_PC}]", "@model", "piix3-uhci"),
    Default(f"devices/controller[@type = 'scsi'][{_PC}]", "@model", "lsilogic"),
    # Character devices
    Done("devices", computed.ports),
    Default(f"devices/serial[{_PC}]", "target/@type", "isa-serial"),
    Default("devices/serial/target[@type = 'isa-debug']", "model/@name", "isa-debugcon"),
    Derived(f"devices/serial/target[{_PC}]", "model/@name", "string(@type)"),
    Default("devices/*[@type = 'tcp'][not(self::interface)]", "protocol/@type", "raw"),
    Default("devices/rng/backend[@type = 'tcp']", "protocol/@type", "raw"),
    Default("devices//*[@type = 'tcp' or @type = 'unix' or @type = 'udp']/source", "@mode", "connect"),
    Default("devices/redirdev[@type = 'dbus']", "source/@channel", "org.qemu.usbredir"),
    # The others
    Default("devices/input[@type='tablet']", "@bus", "usb"),
    Default("devices/input", "@bus", "ps2"),
    Rewritten("devices/interface/model/@type", forms.nic_model),
    # These are read for virtio only, before a model is chosen.
    Dropped("devices/interface[@type != 'hostdev'][not(starts-with(model/@type, 'virtio'))]/driver"),
    Dropped("devices/interface[not(starts-with(model/@type, 'virtio'))]/backend/@vhost"),
    Default("devices/interface[@type = 'vdpa']", "model/@type", "virtio"),
    Default(f"devices/interface[@type != 'hostdev'][{_PC}]", "model/@type", "rtl8139"),
    Default("devices/rng/backend[@model = 'random']", ".", "/dev/random"),
    Default("devices/hostdev[@model = 'vfio-pci']", "@display", "off"),
    Default("devices/controller[@model = 'ich9-uhci1']", "master/@startport", "0"),
    Default("devices/controller[@model = 'ich9-uhci2']", "master/@startport", "2"),
    Default("devices/controller[@model = 'ich9-uhci3']", "master/@startport", "4"),
    Default("devices/disk[@type = 'vhostuser']", "@snapshot", "no"),
    Dropped("devices/disk//source/host/@port[. = 0]"),
    *[
        Default(f"devices/disk//source[@protocol = '{protocol}']/host[{_BY_TCP}]", "@port", port)
        for protocol, port in _PORTS.items()
    ],
    Default("devices[not(video/model/@primary = 'yes')]/video[1][model/@type != 'none']", "model/@primary", "yes"),
    Done(f"devices[{_PC}]", computed.implied_devices),
    Default(f"devices/video[{_PC}]", "model/@type", "cirrus"),
    Dropped("devices/video/model/@*[name() = 'ram' or name() = 'vram' or name() = 'vgamem'][. = 0]"),
    Default("devices/video/model[@type = 'qxl']", "@ram", "65536"),
    Default("devices/video/model[@type = 'qxl']", "@vgamem", "16384"),
    Default("devices/video/model[@type = 'qxl']", "@vram", "65536"),
    *[
        Default(f"devices/video/model[@type = '{kind}']", "@vram", "16384")
        for kind in ("cirrus", "vga", "vmvga", "bochs")
    ],
    Default("devices/video/model[@type != 'none']", "@heads", "1"),
    Default("devices/hostdev", "@managed", "no"),
    Default("devices/filesystem", "@type", "mount"),
    Default("devices/filesystem", "@accessmode", "passthrough"),
    Default(f"devices/panic[{_PC}]", "@model", "isa"),
    Default("devices/vsock", "@model", "virtio"),
    Default("devices/vsock[not(cid/@address)]", "cid/@auto", "yes"),
    Default("devices/vsock", "cid/@auto", "no"),
    Default("devices/shmem[not(model/@type = 'ivshmem-doorbell')][not(size)]", "size/@unit", "M"),
    Default("devices/shmem/size", ".", "4"),
    Default("devices/shmem[model/@type = 'ivshmem-doorbell']", "msi/@ioeventfd", "on"),
    Default("devices/interface//ip[contains(@address, ':')]", "@family", "ipv6"),
    Default("devices/interface//ip", "@family", "ipv4"),
    Default("devices/interface/vlan[count(tag) > 1]", "@trunk", "yes"),
    Default("devices/hostdev", "@mode", "subsystem"),
    Default(f"devices/tpm[{_PC}]", "@model", "tpm-tis"),
    Default("devices/tpm/backend[@type = 'passthrough']", "device/@path", "/dev/tpm0"),
    Default("devices/disk[@type = 'nvme']/source", "@managed", "yes"),
    Default("devices//source/seclabel", "@relabel", "yes"),
]

FORMS: list[Rule] = [
    Dropped("devices//alias[not(starts-with(@name, 'ua-'))]"),
    Dropped("devices/disk/mirror"),
    Dropped("devices/disk//source/@index"),
    Dropped("devices/disk//backingStore/@index"),
    Dropped("devices/disk/@snapshot[. = 'no'][../readonly]"),
    Dropped("devices/disk/target/@tray[. = 'closed']"),
    Dropped("devices/channel/target/@state"),
    Done("devices/channel[@type = 'unix']/source", computed.generated_path),
    Dropped("devices/channel[@type = 'unix']/source[not(@path)]"),
    Done("devices", computed.first_console),
    Dropped("devices/*[@type = 'pty']/source"),
    Dropped("devices/console/@tty"),
    # The position of a console, which libvirt counts anew each time.
    Dropped("devices/console/target/@port"),
    Dropped("devices/video/model[@type = 'ramfb' or @type = 'none']/../address"),
    Rewritten("devices/video/model/@*[name() = 'ram' or name() = 'vram']", forms.power_of_two),
    Rewritten("devices/filesystem/@*[name() = 'fmode' or name() = 'dmode']", forms.file_mode),
    Dropped("devices/interface/coalesce[not(rx/frames/@max > 0)]"),
    Dropped("devices/interface/driver/@queues[. = 1]"),
    Unique("devices/*[@type = 'udp']", "source", forms.source_mode, last=True),
    Ordered("devices/*[@type = 'udp']", "source", forms.source_mode),
    Dropped("devices/*[@type = 'unix']/protocol"),
    Dropped("devices/rng/backend[@type = 'unix']/protocol"),
    Dropped("devices/interface/source/@portid"),
    *[
        # Names that libvirt gives to the interfaces of a running domain.
        Dropped(f"devices/interface/target[starts-with(@dev, '{prefix}')]/@dev")
        for prefix in ("vnet", "macvtap", "macvlan", "testnet")
    ],
    Dropped("devices/interface/target[not(@*)]"),
    Dropped("devices/disk/source/seclabel[@labelskip]"),
    Dropped("devices/interface[@type = 'hostdev' or @type = 'vhostuser']/filterref"),
    Dropped("devices/interface[@type = 'hostdev']/driver[not(@name = 'vfio' or @name = 'kvm')]"),
    Dropped("devices/redirfilter/usbdev/@*[. = '-1']"),
    Rewritten("devices/disk//source[@protocol = 'iscsi']/@name", forms.with_lun),
    Rewritten("devices/hostdev/source[@protocol = 'iscsi']/@name", forms.with_lun),
    Rewritten("devices/redirfilter/usbdev/@version", forms.usb_version),
    Sized("devices/controller/pcihole64"),
    Sized("devices/disk//metadata_cache/max_size", "bytes"),
    Sized("devices/shmem/size", "M", given="bytes", down=True),
    Done("devices/graphics", graphics.listen),
    Dropped("devices/graphics[@type = 'spice']/channel[@mode = 'any']"),
    Unique("devices/graphics[@type = 'spice']", "channel", forms.name, last=True),
    Ordered("devices/graphics[@type = 'spice']", "channel", forms.name),
    *[
        Default(where, f"@{name}", "0")
        for where in (
            "devices/*/address[@type = 'pci']",
            "devices/hostdev[@type = 'pci']/source/address",
            "devices/interface[@type = 'hostdev']/source/address",
            "devices/disk[@type = 'nvme']/source/address",
        )
        for name in ("domain", "bus", "slot", "function")
    ],
    *[Default("devices/*/address[@type = 'ccid']", f"@{name}", "0") for name in ("controller", "slot")],
    *[Default("devices/*/address[@type = 'virtio-serial']", f"@{name}", "0") for name in ("controller", "bus")],
    *[
        Default("devices/*/address[@type = 'drive']", f"@{name}", "0")
        for name in ("controller", "bus", "target", "unit")
    ],
    Rewritten("devices//address/@*", forms.number),
    Done("devices", computed.multifunction),
    Rewritten("devices/interface/mac/@address", str.lower),
    Done("devices", computed.primary_video),
    Ordered("devices", "controller", forms.controller_key),
    Ordered("devices", "input", forms.input_key),
]
