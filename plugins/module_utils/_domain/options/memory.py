# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The memory of a domain: what it boots with, what is plugged in beside it, and what backs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator, Mapping

from ..._xml import document, units
from ..._xml.document import Element
from ..._xml.properties import LIVE, NEXT_BOOT, Group, Integer, Items, Presence, Property, Size, Text

KIB = 1024
MIB = 1024 * KIB


class Alias(Text):
    """The name that a user gave to a device. libvirt keeps those with a prefix, and gives others itself."""

    PREFIX = "ua-"

    def from_text(self, text: str) -> Any:
        return text[len(self.PREFIX) :] if text.startswith(self.PREFIX) else None

    def to_text(self, value: Any) -> str:
        return self.PREFIX + str(value)


@dataclass(frozen=True)
class Memory(Size):
    """The memory that the guest boots with. libvirt's C(<memory>) counts memory devices too, and NUMA cells share it.

    What the guest has now follows, unless C(current_memory) says otherwise.
    """

    def read(self, element: Element) -> Any:
        total = super().read(element)
        return None if total is None else total - plugged(element)

    def write(self, element: Element, value: Any) -> None:
        super().write(element, value + plugged(element))
        document.remove(element, "currentMemory")
        cells = list(document.children(element, "cpu/numa/cell"))
        if len(cells) == 1:
            cells[0].set("memory", str(value // 1024))
            cells[0].set("unit", "KiB")


def plugged(element: Element) -> int:
    """The bytes of all memory devices."""
    return sum(SIZE.read(each) or 0 for each in document.children(element, "devices/memory"))


@dataclass(frozen=True)
class MemoryDevices(Items):
    """Memory that is plugged in. C(<memory>) grows and shrinks with it, so that what the guest boots with stays."""

    def write(self, element: Element, value: Any) -> None:
        booted, total, current = (size.read(element) for size in (MEMORY, _TOTAL, _CURRENT))
        super().write(element, value)
        if booted is None or booted + plugged(element) == total:
            return
        _TOTAL.write(element, booted + plugged(element))
        if current == total:
            document.remove(element, "currentMemory")


class HugepageSize(Property):
    """The size of the huge pages for all memory. Without one it is the hypervisor's default."""

    PAGE = "hugepages/page"

    def normal(self, value: Any) -> Any:
        return units.parse_size(value, "KiB")

    def read(self, element: Element) -> Any:
        page = document.find(element, self.PAGE)
        return None if page is None else units.parse_size(page.get("size"), page.get("unit") or "KiB")

    def write(self, element: Element, value: Any) -> None:
        document.remove(element, self.PAGE)
        page = document.ensure(element, self.PAGE)
        page.set("size", str(value // 1024))
        page.set("unit", "KiB")


MEMORY = Memory("memory", "memory", grain=MIB)
SIZE = Size("size", "target/size", grain=MIB)
_TOTAL = Size("", "memory")
_CURRENT = Size("", "currentMemory")

AMOUNTS = (
    MEMORY,
    Size("current_memory", "currentMemory", LIVE, volatile=True, grain=KIB),
    Size("max_memory", "maxMemory", grain=MIB),
    Integer("memory_slots", "maxMemory/@slots"),
)

BACKING = Group(
    "memory_backing",
    (
        Presence("hugepages", "hugepages"),
        HugepageSize("hugepage_size", HugepageSize.PAGE),
        Presence("nosharepages", "nosharepages"),
        Presence("locked", "locked"),
        Text("source", "source/@type", NEXT_BOOT, {"choices": ["file", "anonymous", "memfd"]}),
        Text("access", "access/@mode", NEXT_BOOT, {"choices": ["shared", "private"]}),
        Text("allocation", "allocation/@mode", NEXT_BOOT, {"choices": ["immediate", "ondemand"]}),
        Presence("discard", "discard"),
    ),
    "memoryBacking",
)

MEMORY_DEVICES = MemoryDevices(
    "memory_devices",
    "devices/memory",
    ("name",),
    (
        Alias("name", "alias/@name", spec={"required": True}),
        Text("model", "@model", spec={"choices": ["dimm", "virtio-mem"]}),
        SIZE,
        Integer("node", "target/node"),
        Size("requested", "target/requested", grain=MIB),
        Size("block", "target/block", grain=KIB),
    ),
    LIVE,
    defaults={"model": "dimm", "node": 0},
    removable=True,
)


def refused(given: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    """What cannot be, a sentence each."""
    devices = result.get("memory_devices") or []
    total = (result.get("memory") or 0) + sum(each["size"] or 0 for each in devices)
    if given.get("current_memory") is not None and given["current_memory"] > total:
        yield f"current_memory is {given['current_memory']} bytes, more than the guest's memory, {total} bytes."
    asked = given.get("memory_devices")
    for each in asked or []:
        if each.get("state") != "absent" and not _size(devices, each["name"]):
            yield f"the memory device {each['name']} needs a size."
    limited = given.get("max_memory") is not None or given.get("memory_slots") is not None
    if limited and not (result.get("max_memory") and result.get("memory_slots")):
        yield "max_memory and memory_slots are given together."
    if limited and not ((result.get("cpu") or {}).get("numa") or str(result.get("arch")).startswith("ppc")):
        yield "max_memory needs at least one cell in cpu.numa, which gets what is plugged in."
    if asked and devices and not result.get("max_memory"):
        yield "memory_devices need max_memory and memory_slots."
    if (limited or asked) and result.get("max_memory") and total > result["max_memory"]:
        yield f"max_memory is {result['max_memory']} bytes, but memory and memory_devices are {total} bytes."
    backing = given.get("memory_backing") or {}
    if backing.get("hugepage_size") and backing.get("hugepages") is False:
        yield "memory_backing.hugepage_size needs memory_backing.hugepages."


def _size(devices: Any, name: str) -> Any:
    return next((each["size"] for each in devices if each["name"] == name), None)
