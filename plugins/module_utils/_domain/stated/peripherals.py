# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What libvirt makes of character devices, screens, and all other devices."""

from __future__ import annotations

from ..._xml.rules import Default, Derived, Done, Dropped, Ordered, Rewritten, Rule, Sized, Unique
from . import computed, forms, graphics
from .storage import PC

_VIDEO_MEMORY = "devices/video/model/@*[name() = 'ram' or name() = 'vram' or name() = 'vgamem']"

FILLED: list[Rule] = [
    # Character devices
    Done("devices", computed.ports),
    Default(f"devices/serial[{PC}]", "target/@type", "isa-serial"),
    Default("devices/serial/target[@type = 'isa-debug']", "model/@name", "isa-debugcon"),
    Derived(f"devices/serial/target[{PC}]", "model/@name", "string(@type)"),
    Default("devices/*[@type = 'tcp'][not(self::interface)]", "protocol/@type", "raw"),
    Default("devices/rng/backend[@type = 'tcp']", "protocol/@type", "raw"),
    Default("devices//*[@type = 'tcp' or @type = 'unix' or @type = 'udp']/source", "@mode", "connect"),
    Default("devices/redirdev[@type = 'dbus']", "source/@channel", "org.qemu.usbredir"),
    Done("devices", computed.first_console),
    # Inputs and screens
    Default("devices/input[@type = 'tablet']", "@bus", "usb"),
    Default("devices/input", "@bus", "ps2"),
    Default("devices[not(video/model/@primary = 'yes')]/video[1][model/@type != 'none']", "model/@primary", "yes"),
    Done(f"devices[{PC}]", computed.implied_devices),
    Default(f"devices/video[{PC}]", "model/@type", "cirrus"),
    Dropped(f"{_VIDEO_MEMORY}[. = 0]"),
    Default("devices/video/model[@type = 'qxl']", "@ram", "65536"),
    Default("devices/video/model[@type = 'qxl']", "@vgamem", "16384"),
    Default("devices/video/model[@type = 'qxl']", "@vram", "65536"),
    *[
        Default(f"devices/video/model[@type = '{kind}']", "@vram", "16384")
        for kind in ("cirrus", "vga", "vmvga", "bochs")
    ],
    Default("devices/video/model[@type != 'none']", "@heads", "1"),
    # The others
    Default("devices/rng/backend[@model = 'random']", ".", "/dev/random"),
    Default("devices/hostdev", "@mode", "subsystem"),
    Default("devices/hostdev", "@managed", "no"),
    Default("devices/hostdev[@model = 'vfio-pci']", "@display", "off"),
    Default(f"devices/panic[{PC}]", "@model", "isa"),
    Default(f"devices/tpm[{PC}]", "@model", "tpm-tis"),
    Default("devices/tpm/backend[@type = 'passthrough']", "device/@path", "/dev/tpm0"),
    Default("devices/vsock", "@model", "virtio"),
    Default("devices/vsock[not(cid/@address)]", "cid/@auto", "yes"),
    Default("devices/vsock", "cid/@auto", "no"),
    Default("devices/shmem[not(model/@type = 'ivshmem-doorbell')][not(size)]", "size/@unit", "M"),
    Default("devices/shmem/size", ".", "4"),
    Default("devices/shmem[model/@type = 'ivshmem-doorbell']", "msi/@ioeventfd", "on"),
]

FORMS: list[Rule] = [
    Dropped("devices//alias[not(starts-with(@name, 'ua-'))]"),
    # Character devices
    Dropped("devices/channel/target/@state"),
    Done("devices/channel[@type = 'unix']/source", computed.generated_path),
    Dropped("devices/channel[@type = 'unix']/source[not(@path)]"),
    Dropped("devices/*[@type = 'pty']/source"),
    Dropped("devices/console/@tty"),
    # The position of a console, which libvirt counts anew each time.
    Dropped("devices/console/target/@port"),
    Unique("devices/*[@type = 'udp']", "source", forms.source_mode, last=True),
    Ordered("devices/*[@type = 'udp']", "source", forms.source_mode),
    Dropped("devices/*[@type = 'unix']/protocol"),
    Dropped("devices/rng/backend[@type = 'unix']/protocol"),
    # Inputs and screens
    Ordered("devices", "input", forms.input_key),
    Done("devices/graphics", graphics.listen),
    Dropped("devices/graphics[@type = 'spice']/channel[@mode = 'any']"),
    Unique("devices/graphics[@type = 'spice']", "channel", forms.name, last=True),
    Ordered("devices/graphics[@type = 'spice']", "channel", forms.name),
    Done("devices", computed.primary_video),
    Dropped("devices/video/model[@type = 'ramfb' or @type = 'none']/../address"),
    Rewritten("devices/video/model/@*[name() = 'ram' or name() = 'vram']", forms.power_of_two),
    # The others
    Dropped("devices/redirfilter/usbdev/@*[. = '-1']"),
    Rewritten("devices/redirfilter/usbdev/@version", forms.usb_version),
    Sized("devices/shmem/size", "M", given="bytes", down=True),
]
