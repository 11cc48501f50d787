# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What libvirt computes from several parts of a document."""

from __future__ import annotations

import re

from ..._xml import document
from ..._xml.document import Element
from ..._xml.rules import find
from .forms import number


def default_cpu(cpu: Element) -> None:
    """A guest without a CPU model has that which its emulator gives it, whatever is said of how to match it."""
    emulator = document.get(cpu.getparent(), "devices/emulator") or ""
    cpu.attrib.update({"mode": "custom", "match": "exact", "check": "none"})
    model = document.ensure(cpu, "model")
    model.set("fallback", "forbid")
    model.text = "qemu32" if emulator.endswith("i386") else "qemu64"


def read_only(disk: Element) -> None:
    """Every CD-ROM is."""
    document.ensure(disk, "readonly")


def controller_indexes(devices: Element) -> None:
    """A controller without an index gets the first that is free among its kind.

    The companions of an EHCI controller share one: they join the last that has none of their model yet.
    """
    used = {(each.get("type"), number(each.get("index") or "")) for each in devices.iterfind("controller")}
    companions: dict[str, set[str]] = {}
    last = ""
    for controller in devices.iterfind("controller"):
        kind, model = str(controller.get("type")), str(controller.get("model"))
        if controller.get("index") is None:
            joins = _is_companion(model) and last in companions and model not in companions[last]
            free = (each for each in map(str, range(1000)) if (kind, each) not in used)
            controller.set("index", last if joins else next(free))
            used.add((kind, str(controller.get("index"))))
        if kind == "usb":
            last = str(controller.get("index"))
            if _is_companion(model):
                companions.setdefault(last, set()).add(model)


def _is_companion(model: str) -> bool:
    return model.startswith("ich9-")


def ports(devices: Element) -> None:
    """A port that is not given is the first after all of its kind, and the first free one of a PC's own."""
    for tag in ("serial", "parallel", "console"):
        found = devices.findall(tag)
        for each in found:
            if document.get(each, "target/@port") is None:
                taken = {int(document.get(other, "target/@port") or -1) for other in found}
                own = document.get(each, "target/@type") == "isa-serial"
                free = next(port for port in range(len(found) + 1) if port not in taken) if own else max(taken) + 1
                document.put(each, "target/@port", str(free))


def first_console(devices: Element) -> None:
    """The first console is the first serial port by another name, and makes one where there is none."""
    console, serial = devices.find("console"), devices.find("serial")
    if console is not None and document.get(console, "target/@type") in (None, "serial"):
        devices.remove(console)
        if serial is None:
            console.tag = "serial"
            devices.append(console)
            target = document.ensure(console, "target")
            target.attrib.clear()
            target.attrib.update({"type": "isa-serial", "port": "0"})
            document.put(target, "model/@name", "isa-serial")
    elif serial is not None and document.get(serial, "target/@type") != "isa-serial":
        # Such a port has no console unless there is one in the document.
        devices.append(devices.makeelement("console", {"none": "yes"}))


def vcpus(domain: Element) -> None:
    """The state of each vCPU: one of which nothing is said is off, and as many as are on are the current ones."""
    states = domain.find("vcpus")
    known = {each.get("id"): each for each in states}
    for number_ in map(str, range(int(document.get(domain, "vcpu") or 1))):
        each = known.get(number_)
        if each is None:
            each = states.makeelement("vcpu", {"id": number_, "enabled": "no"})
        if each.get("hotpluggable") is None:
            each.set("hotpluggable", "no" if each.get("enabled") == "yes" else "yes")
        states.append(each)
    document.put(domain, "vcpu/@current", str(sum(each.get("enabled") == "yes" for each in states)))


def multifunction(devices: Element) -> None:
    """The first function of a device that has others says so."""
    addresses = devices.xpath("*/address[@type='pci']")
    slots = [tuple(each.get(name) for name in ("domain", "bus", "slot")) for each in addresses]
    for address, slot in zip(addresses, slots):
        if address.get("function") == "0" and slots.count(slot) > 1 and address.get("multifunction") is None:
            address.set("multifunction", "on")


def no_label(seclabel: Element) -> None:
    """No security model labels nothing, whatever type of label is asked for."""
    seclabel.attrib.clear()
    seclabel.attrib.update({"type": "none", "model": "none"})


def memory(domain: Element) -> None:
    """Cells and memory devices make up the sum, and what is not said of it is given at once."""
    cells = [int(each.get("memory") or 0) for each in document.children(domain, "cpu/numa/cell")]
    devices = [int(each.text or 0) for each in document.children(domain, "devices/memory/target/size")]
    total = document.ensure(domain, "memory")
    if cells:
        total.text = str(sum(cells) + sum(devices))
    total.set("unit", "KiB")
    current = document.ensure(domain, "currentMemory")
    current.set("unit", "KiB")
    if not 0 < int(current.text or 0) <= int(total.text or 0):
        current.text = total.text


def spread_schedulers(cputune: Element) -> None:
    """One element for each thread."""
    for tag, attribute in (("vcpusched", "vcpus"), ("iothreadsched", "iothreads")):
        for each in list(cputune.iterfind(tag)):
            members = (each.get(attribute) or "").split(",")
            for member in members:
                single = document.copy(each)
                single.set(attribute, member)
                each.addprevious(single)
            cputune.remove(each)
        found = sorted(cputune.findall(tag), key=lambda each: int(each.get(attribute) or 0))
        cputune.extend(found)


def implied_devices(devices: Element) -> None:
    """Every PC has a mouse and a keyboard, and every domain a balloon and what its sound comes from."""
    for kind in ("mouse", "keyboard"):
        if not find(devices, f"input[@type='{kind}'][@bus='ps2']"):
            devices.append(devices.makeelement("input", {"type": kind, "bus": "ps2"}))
    if devices.find("memballoon") is None:
        devices.append(devices.makeelement("memballoon", {"model": "virtio"}))
    if devices.find("video") is None and devices.find("graphics") is not None:
        video = document.ensure(devices, "video")
        model = {"type": "cirrus", "vram": "16384", "heads": "1", "primary": "yes"}
        video.append(video.makeelement("model", model))
    screens = {each.get("type") for each in devices.iterfind("graphics")}
    if devices.find("audio") is None and (not screens or screens & {"vnc", "spice"}):
        devices.append(devices.makeelement("audio", {"id": "1", "type": "spice" if "spice" in screens else "none"}))


def primary_video(devices: Element) -> None:
    """The primary video is the first, whichever it is."""
    videos = devices.findall("video")
    primary = [each for each in videos if document.get(each, "model/@primary") == "yes"]
    for video in videos:
        document.remove(video, "model/@primary")
        devices.remove(video)
    devices.extend([*primary, *(each for each in videos if each not in primary)])
    first = devices.find("video")
    if first is not None and document.get(first, "model/@type") != "none":
        document.put(first, "model/@primary", "yes")


def generated_path(source: Element) -> None:
    """A path that libvirt would generate for a running domain is not stored."""
    name = document.get(source.getparent(), "target/@name") or ""
    pattern = rf"^/var/lib/libvirt/qemu/channel/target/([^/]+\.)|(domain-[^/]+/){re.escape(name)}$"
    if re.search(pattern, source.get("path") or ""):
        del source.attrib["path"]


def disk_order(devices: Element) -> None:
    """The disks of a bus are kept in the order of their targets."""
    order: list[Element] = []
    for disk in devices.findall("disk"):
        devices.remove(disk)
        place = len(order)
        for position in range(len(order) - 1, -1, -1):
            if _bus(order[position]) == _bus(disk):
                if _position(disk) > _position(order[position]):
                    place = position + 1
                    break
                place = position
        order.insert(place, disk)
    devices.extend(order)


def _bus(disk: Element) -> str | None:
    return document.get(disk, "target/@bus")


def _position(disk: Element) -> tuple[int, str]:
    name = document.get(disk, "target/@dev") or ""
    return len(name), name


def one_of_each_namespace(metadata: Element) -> None:
    """Elements of a namespace of their own, and the first of each."""
    seen = set()
    for each in list(metadata):
        namespace = str(each.tag).rpartition("}")[0]
        if not namespace or namespace in seen:
            metadata.remove(each)
        seen.add(namespace)


def all_vcpus_in_cells(numa: Element) -> None:
    """vCPUs that no cell names are in the first."""
    cells = numa.findall("cell")
    count = int(document.get(numa.getparent().getparent(), "vcpu") or 1)
    named = {int(each) for cell in cells for each in (cell.get("cpus") or "").split(",") if each}
    left = set(range(count)) - named
    if cells and left:
        first = {int(each) for each in (cells[0].get("cpus") or "").split(",") if each}
        cells[0].set("cpus", ",".join(map(str, sorted(first | left))))


def iothreads(domain: Element) -> None:
    """As many threads as are wanted or named, the others with the numbers that are free."""
    named = [int(each.get("id") or 0) for each in document.children(domain, "iothreadids/iothread")]
    wanted = int(document.get(domain, "iothreads") or len(named))
    free = (each for each in range(1, wanted + len(named) + 1) if each not in named)
    document.put(domain, "iothreads", str(max(wanted, len(named))))
    if named:
        ids = document.ensure(domain, "iothreadids")
        ids.extend(ids.makeelement("iothread", {"id": str(next(free))}) for _each in range(wanted - len(named)))
