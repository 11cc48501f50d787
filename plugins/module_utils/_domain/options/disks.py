# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
# pylint does not see the fields that a dataclass inherits from another file.
# pylint: disable=redundant-keyword-arg
"""Disks, CD-ROM drives and floppy drives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator, Mapping

from ..._xml import document
from ..._xml.document import Element
from ..._xml.kinds import Limit, Rate
from ..._xml.properties import LIVE, NEXT_BOOT, Group, Integer, OnOff, Presence, Text
from .boot import BootOrder
from .plugged import Plugged
from .sources import DiskNetworkSource, DiskSource, DiskVolume

SOURCES = ("source", "volume", "network_source")


class _Driver:
    """Of a disk's C(<driver>), which has to name QEMU's driver as well."""

    # The kind of property that is mixed in after this class has the write() that is called.
    def write(self, element: Element, value: Any) -> None:
        if document.get(element, "driver/@name") is None:
            document.put(element, "driver/@name", "qemu")
        super().write(element, value)  # type: ignore[misc]


class DriverText(_Driver, Text):
    """A word of the driver. C(default) leaves it to libvirt, which keeps no word then."""

    def normal(self, value: Any) -> Any:
        return "" if value == "default" else value


class DriverInteger(_Driver, Integer):
    """A number of the driver."""


class DriverOnOff(_Driver, OnOff):
    """A switch of the driver."""


class DiskDevice(Text):
    """The kind of device. A drive is one without a medium, too."""

    DRIVES = ("cdrom", "floppy")

    def write(self, element: Element, value: Any) -> None:
        if value in self.DRIVES and element.get("type") is None:
            element.set("type", "file")
        super().write(element, value)


def _rates(kind: str, what: type) -> Iterator[Any]:
    """The limits of one kind, such as C(bytes): rates, bursts, and the seconds that these may last."""
    names = [f"{direction}_{kind}_sec" for direction in ("total", "read", "write")]
    yield from (what(name, name, LIVE) for name in names)
    yield from (what(f"{name}_max", f"{name}_max", LIVE) for name in names)
    yield from (Limit(f"{name}_max_length", f"{name}_max_length", LIVE, missing=1) for name in names)


@dataclass(frozen=True)
class Limits(Group):
    """The limits of a disk, in the order in which they are declared: validation fails where a pair is separated."""

    def write(self, element: Element, value: Any) -> None:
        super().write(element, value)
        found = document.find(element, self.path)
        if found is not None:
            order = [item.path for item in self.properties]
            found[:] = sorted(found, key=lambda each: order.index(each.tag) if each.tag in order else len(order))


IOTUNE = Limits(
    "iotune",
    (
        *_rates("bytes", Rate),
        *_rates("iops", Limit),
        Rate("size_iops_sec", "size_iops_sec", LIVE),
        Text("group_name", "group_name", LIVE),
    ),
    "iotune",
)

DISKS = Plugged(
    "disks",
    "devices/disk",
    ("target",),
    (
        Text("target", "target/@dev", spec={"required": True}),
        DiskSource("source", "source", LIVE),
        DiskVolume("volume", "source", LIVE),
        DiskNetworkSource("network_source", "source", LIVE),
        DiskDevice("device", "@device", NEXT_BOOT, {"choices": ["disk", *DiskDevice.DRIVES, "lun"]}),
        Text("bus", "target/@bus", NEXT_BOOT, {"choices": ["virtio", "scsi", "sata", "ide", "usb", "fdc"]}),
        DriverText("format", "driver/@type", NEXT_BOOT, {"choices": ["qcow2", "raw"]}),
        DriverText(
            "cache",
            "driver/@cache",
            NEXT_BOOT,
            {"choices": ["none", "writeback", "writethrough", "directsync", "unsafe", "default"]},
        ),
        DriverText("io", "driver/@io", NEXT_BOOT, {"choices": ["native", "threads", "io_uring"]}),
        DriverText("discard", "driver/@discard", NEXT_BOOT, {"choices": ["unmap", "ignore"]}),
        DriverText("detect_zeroes", "driver/@detect_zeroes", NEXT_BOOT, {"choices": ["off", "on", "unmap"]}),
        DriverText(
            "error_policy", "driver/@error_policy", NEXT_BOOT, {"choices": ["stop", "report", "ignore", "enospace"]}
        ),
        DriverOnOff("copy_on_read", "driver/@copy_on_read"),
        DriverInteger("iothread", "driver/@iothread"),
        DriverInteger("queues", "driver/@queues"),
        Text("startup_policy", "source/@startupPolicy", NEXT_BOOT, {"choices": ["mandatory", "requisite", "optional"]}),
        Integer("rotation_rate", "target/@rotation_rate"),
        OnOff("removable", "target/@removable"),
        Integer("logical_block_size", "blockio/@logical_block_size"),
        Integer("physical_block_size", "blockio/@physical_block_size"),
        IOTUNE,
        Text("serial", "serial"),
        Text("wwn", "wwn"),
        Presence("readonly", "readonly"),
        Presence("shareable", "shareable"),
        BootOrder("boot_order", "boot/@order"),
    ),
    LIVE,
    defaults={"device": "disk", "bus": "virtio", "format": "raw"},
    removable=True,
    sources=SOURCES,
)


def refused(given: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    """What cannot be, a sentence each."""
    present = {disk["target"]: disk for disk in result.get("disks") or []}
    for asked in given.get("disks") or []:
        if asked.get("state") != "absent":
            for sentence in _refused(asked, present.get(asked["target"]) or asked, result):
                yield f"disk {asked['target']}: {sentence}"


def _refused(asked: Mapping[str, Any], disk: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    if "," in asked["target"] or "/" in asked["target"]:
        yield "that is not a disk's target, such as vda."
    sources = [name for name in SOURCES if asked.get(name)]
    if len(sources) > 1:
        yield f"give one of {' and '.join(sources)}."
    if asked.get("source") == "" and disk.get("device") not in DiskDevice.DRIVES:
        yield "only a CD-ROM or floppy drive can be empty: give a source."
    if disk.get("device") == "lun" and not str(disk.get("source") or "/dev/").startswith("/dev/"):
        yield "a lun is a block device, not a file."
    if disk.get("device") == "cdrom" and disk.get("bus") == "virtio":
        yield "a CD-ROM drive cannot be on virtio: give the bus sata, scsi or ide."
    threads = result.get("iothreads") or 0
    if asked.get("iothread") is not None and not 1 <= asked["iothread"] <= threads:
        yield f"it has I/O thread {asked['iothread']}, and iothreads is {threads}."
    yield from _refused_limits(disk.get("iotune") or {})


def _refused_limits(iotune: Mapping[str, Any]) -> Iterator[str]:
    for kind in ("bytes", "iops"):
        for suffix in ("", "_max"):
            total, read, write = (
                iotune.get(f"{direction}_{kind}_sec{suffix}") for direction in ("total", "read", "write")
            )
            if total and (read or write):
                yield f"iotune.total_{kind}_sec{suffix} excludes a limit of its own for reading or writing."
