# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The options of a domain's devices, each with its place in the XML."""

from __future__ import annotations

from typing import Any

from .._xml import document
from .._xml.document import Element
from .._xml.properties import Integer, Items, Name, Presence, Property, Text


class DiskSource(Property):
    """Where a disk's content is: a file, or a block device where the path lies under /dev."""

    def read(self, element: Element) -> Any:
        return document.get(element, "source/@file") or document.get(element, "source/@dev")

    def write(self, element: Element, value: Any) -> None:
        block = value.startswith("/dev/")
        document.remove(element, "source/@file")
        document.remove(element, "source/@dev")
        element.set("type", "block" if block else "file")
        document.put(element, "source/@dev" if block else "source/@file", value)


class DriverText(Text):
    """An attribute of a disk's C(<driver>), which has to name QEMU's driver as well."""

    def write(self, element: Element, value: Any) -> None:
        if document.get(element, "driver/@name") is None:
            document.put(element, "driver/@name", "qemu")
        super().write(element, value)


class InterfaceSource(Property):
    """What a network card is plugged into: a libvirt network or a bridge of the hypervisor, by the element's type."""

    def read(self, element: Element) -> Any:
        return document.get(element, self.path) if element.get("type") == self.name else None

    def write(self, element: Element, value: Any) -> None:
        element.set("type", self.name)
        for other in list(document.children(element, "source")):
            element.remove(other)
        document.put(element, self.path, value)


class SerialLog(Property):
    """The file into which libvirt copies what the guest writes to its first serial port."""

    def read(self, element: Element) -> Any:
        return document.get(element, self.path)

    def write(self, element: Element, value: Any) -> None:
        if document.find(element, "devices/serial") is None:
            document.put(element, "devices/serial/@type", "pty")
        document.put(element, self.path, value)
        document.put(element, "devices/serial/log/@append", "on")


class GuestAgent(Presence):
    """The channel on which QEMU's guest agent listens."""

    NAME = "org.qemu.guest_agent.0"

    def read(self, element: Element) -> Any:
        return bool(list(document.children(element, f"{self.path}[@name='{self.NAME}']")))

    def write(self, element: Element, value: Any) -> None:
        if not value:
            for target in list(document.children(element, f"{self.path}[@name='{self.NAME}']")):
                channel = target.getparent()
                channel.getparent().remove(channel)
            return
        devices = document.ensure(element, "devices")
        channel = devices.makeelement("channel", {"type": "unix"})
        channel.append(channel.makeelement("target", {"type": "virtio", "name": self.NAME}))
        devices.append(channel)


class RandomSource(Text):
    """A virtio random number generator fed from a file of the hypervisor."""

    def write(self, element: Element, value: Any) -> None:
        if value == "":
            document.remove(element, "devices/rng")
            return
        document.put(element, "devices/rng/@model", "virtio")
        document.put(element, "devices/rng/backend/@model", "random")
        document.put(element, "devices/rng/backend", value)


class Graphics(Property):
    """A screen that is reached over the network, from the hypervisor itself only; or none."""

    def read(self, element: Element) -> Any:
        return document.get(element, self.path) or "none"

    def write(self, element: Element, value: Any) -> None:
        document.remove(element, "devices/graphics")
        document.remove(element, "devices/video")
        if value != "none":
            document.put(element, self.path, value)
            document.put(element, "devices/graphics/@autoport", "yes")
            document.put(element, "devices/graphics/@listen", "127.0.0.1")


DISKS = Items(
    "disks",
    "devices/disk",
    ("target",),
    (
        Text("target", "target/@dev", spec={"required": True}),
        DiskSource("source", "source"),
        Text("device", "@device", spec={"choices": ["disk", "cdrom", "floppy"]}),
        Text("bus", "target/@bus", spec={"choices": ["virtio", "scsi", "sata", "ide", "usb", "fdc"]}),
        DriverText("format", "driver/@type", spec={"choices": ["qcow2", "raw"]}),
        DriverText(
            "cache",
            "driver/@cache",
            spec={"choices": ["none", "writeback", "writethrough", "directsync", "unsafe", "default"]},
        ),
        DriverText("io", "driver/@io", spec={"choices": ["native", "threads", "io_uring"]}),
        DriverText("discard", "driver/@discard", spec={"choices": ["unmap", "ignore"]}),
        Text("serial", "serial"),
        Presence("readonly", "readonly"),
        Integer("boot_order", "boot/@order"),
    ),
    defaults={"device": "disk", "bus": "virtio", "format": "raw"},
)

INTERFACES = Items(
    "interfaces",
    "devices/interface",
    ("mac",),
    (
        Name("mac", "mac/@address"),
        InterfaceSource("network", "source/@network"),
        InterfaceSource("bridge", "source/@bridge"),
        Text("model", "model/@type", spec={"choices": ["virtio", "e1000", "e1000e", "rtl8139"]}),
        Integer("boot_order", "boot/@order"),
    ),
    defaults={"model": "virtio"},
)

DEVICES = (
    DISKS,
    INTERFACES,
    SerialLog("serial_log", "devices/serial/log/@file"),
    GuestAgent("guest_agent", "devices/channel/target"),
    RandomSource("rng", "devices/rng/backend"),
    Text("memballoon", "devices/memballoon/@model", spec={"choices": ["virtio", "none"]}),
    Graphics("graphics", "devices/graphics/@type", spec={"choices": ["none", "vnc"]}),
)
