# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What makes a document that of a domain: its UUID, its MAC addresses, and the places of its devices."""

from __future__ import annotations

from typing import Any, Iterator

from ..._xml import document
from ..._xml.document import Element
from ..properties import Machine
from .secrets import carry_secrets
from .table import normal

_KEYS = {
    "disk": ("target/@dev", "target/@bus"),
    "controller": ("@type", "@index", "@model"),
    "input": ("@type", "@bus"),
    "serial": ("target/@type", "target/@port"),
    "channel": ("target/@type", "target/@name"),
    "interface": ("mac/@address",),
    "video": ("model/@type", "model/@primary"),
}
"""By what a device is the same as before; the others are by type, model and bus, and in their order."""

_OTHERS = ("@type", "@mode", "@model", "@bus", "target/@type", "model/@type")

_MARK = "mini-hypervisor-position"

_PORTS = ("usb", "virtio-serial")
"""Types of address whose port libvirt chooses where there is none."""

_NEEDED = {
    "scsi": ("drive", "@controller"),
    "ide": ("drive", "@controller"),
    "sata": ("drive", "@controller"),
    "fdc": ("drive", "@controller"),
    "virtio-serial": ("virtio-serial", "@controller"),
    "ccid": ("ccid", "@controller"),
    "usb": ("usb", "@bus"),
}


def carry_identity(stated: Element, actual: Element) -> None:
    """Give the document what the domain has already: its UUID, generation ID, secrets, MAC addresses and places."""
    document.put(stated, "uuid", document.get(actual, "uuid") or "")
    if document.get(stated, "genid") == "":
        # An empty one asks for any, and the domain has one.
        document.put(stated, "genid", document.get(actual, "genid") or "")
    label, model = document.find(stated, "seclabel"), document.get(actual, "seclabel/@model")
    if label is not None and label.get("model") is None and model is not None:
        # The hypervisor's own.
        label.set("model", model)
    _carry_emulator(stated, actual)
    carry_secrets(stated, actual)
    _carry_macs(stated, actual)
    if _align_machine(stated, actual):
        _carry_places(stated, actual)


def _align_machine(stated: Element, actual: Element) -> bool:
    """libvirt replaces an alias of a machine type by what it stands for. Returns whether the machine stays."""
    arch = document.get(actual, "os/type/@arch")
    if document.find(stated, "os/type") is not None and arch and document.get(stated, "os/type/@arch") is None:
        document.put(stated, "os/type/@arch", arch)
    machine = Machine("machine", "os/type/@machine")
    wanted, present = machine.read(stated), machine.read(actual)
    if wanted is not None and not machine.same(present, wanted):
        return False
    if present is not None and document.find(stated, "os/type") is not None:
        machine.write(stated, present)
    return document.get(stated, "os/type/@arch") == arch


def _carry_emulator(stated: Element, actual: Element) -> None:
    """Where the hypervisor has its emulator, and by what name, is its own as well."""
    emulator = document.get(actual, "devices/emulator") or ""
    arch = document.get(stated, "os/type/@arch") or document.get(actual, "os/type/@arch")
    own = f"qemu-system-{'i386' if arch == 'i686' else arch}"
    if document.get(stated, "devices/emulator") is None and emulator.rpartition("/")[2] in (own, "qemu-kvm", "kvm"):
        document.put(stated, "devices/emulator", emulator)


def _carry_macs(stated: Element, actual: Element) -> None:
    """A card without an address gets that of a card plugged in at the same place, or else of one that is left."""
    cards = document.children(stated, "devices/interface")
    mute = [card for card in cards if document.get(card, "mac/@address") is None]
    given = {(each.get("address") or "").lower() for each in document.children(stated, "devices/interface/mac")}
    free = [
        card
        for card in document.children(actual, "devices/interface")
        if (document.get(card, "mac/@address") or "").lower() not in given
    ]
    for alike in (_plug, lambda card: None):
        for card in list(mute):
            match = next((other for other in free if alike(other) == alike(card)), None)
            if match is not None:
                document.put(card, "mac/@address", document.get(match, "mac/@address") or "")
                free.remove(match)
                mute.remove(card)


def _plug(card: Element) -> Any:
    source = card.find("source")
    return card.get("type"), source is not None and sorted(source.items()), document.get(card, "model/@type")


def _carry_places(stated: Element, actual: Element) -> None:
    """Leave devices where the guest knows them, on the same controllers, and those that libvirt adds as well."""
    devices = document.ensure(stated, "devices")
    taken = {_address(each) for each in document.children(stated, "devices/*/address") if not _is_wish(each)}
    places: dict[Any, list[Element]] = {}
    for device, whole in _completed(actual):
        if device is not None:
            places.setdefault(_key(whole), []).append(device)
    for device, whole in _completed(stated):
        present = places.get(_key(whole))
        if not present:
            continue
        if device is not None:
            _carry_place(device, present.pop(0), taken)
        elif present[0].find("address") is not None:
            # libvirt adds this one.
            devices.append(document.copy(whole))
            _carry_place(devices[-1], present.pop(0), taken)
    _carry_controllers(stated, actual, taken)
    _carry_hubs(devices, actual)


def _completed(domain: Element) -> list[tuple[Element | None, Element]]:
    """The devices as libvirt would store them, each with that of the document from which it comes."""
    marked = document.copy(domain)
    for position, device in enumerate(marked.find("devices")):
        device.set(_MARK, str(position))
    given, found = list(domain.find("devices")), []
    for device in normal(marked).find("devices"):
        position = device.attrib.pop(_MARK, None)
        found.append((None if position is None else given[int(position)], device))
    return found


def _key(device: Element) -> Any:
    paths = _KEYS.get(device.tag, _OTHERS)
    return (device.tag, *(document.get(device, path) for path in paths))


def _carry_place(device: Element, present: Element, taken: set[Any]) -> None:
    address, former = device.find("address"), present.find("address")
    if former is not None and _address(former) not in taken:
        if address is None:
            device.append(document.copy(former))
        elif _is_wish(address) and address.get("type") in ("pci", former.get("type")):
            # libvirt takes an empty PCI address for none.
            device.replace(address, document.copy(former))
    if device.tag == "controller":
        for path in ("model/@name", "target/@chassis", "target/@chassisNr", "target/@port", "target/@busNr"):
            value = document.get(present, path)
            if value is not None and document.get(device, path) is None:
                document.put(device, path, value)


def _is_wish(address: Element) -> bool:
    """Whether an address leaves it to libvirt where."""
    given = {name: value for name, value in address.items() if name not in ("type", "multifunction")}
    if address.get("type") == "pci":
        return not any(_number(given.get(name, "0")) for name in ("domain", "bus", "slot"))
    return not given or (address.get("type") in _PORTS and given.get("port", "0") == "0")


def _address(address: Element) -> tuple[Any, ...]:
    """The attributes of an address, numbers as numbers, and the bus that it is on."""
    bus = document.get(address.getparent(), "target/@bus")
    return bus, *sorted((name, _number(value)) for name, value in address.items() if name != "multifunction")


def _number(text: str) -> Any:
    try:
        return int(text, 16 if text.lower().startswith("0x") else 10)
    except ValueError:
        return text


def _carry_controllers(stated: Element, actual: Element, taken: set[Any]) -> None:
    """The controllers that libvirt would add for the devices, as and where they are."""
    devices, filled = stated.find("devices"), [whole for _device, whole in _completed(stated)]
    present = {(each.get("type"), each.get("index")) for each in filled if each.tag == "controller"}
    for controller in list(document.children(actual, "devices/controller")):
        kind, index = str(controller.get("type")), controller.get("index")
        needed = kind == "pci" or int(index) <= max(_used(filled, kind), default=-1)
        if needed and (kind, index) not in present and controller.get("model") != "none":
            devices.append(document.copy(controller))
            address = devices[-1].find("address")
            if address is not None and _address(address) in taken:
                devices[-1].remove(address)


def _carry_hubs(devices: Element, actual: Element) -> None:
    """The hubs that libvirt adds where a USB controller has too few ports."""
    if devices.find("hub") is None:
        used = [port for port in devices.xpath("*/address[@type='usb']/@port") if "." in port]
        for hub in document.children(actual, "devices/hub"):
            port = document.get(hub, "address/@port")
            if any(each.startswith(f"{port}.") for each in used):
                devices.append(document.copy(hub))


def _used(devices: list[Element], kind: str) -> Iterator[int]:
    """The indexes of the controllers of a kind that devices lie on."""
    # Every machine that has a root for it has one of these.
    if kind in ("usb", "sata") or (
        kind == "virtio-serial" and any(document.get(each, "target/@type") == "virtio" for each in devices)
    ):
        yield 0
    if kind not in _NEEDED:
        return
    address_type, attribute = _NEEDED[kind]
    for device in devices:
        address = device.find("address")
        if address is not None and address.get("type") == address_type and _on(device, kind):
            number = _number(document.get(address, attribute) or "0")
            yield number if isinstance(number, int) else -1


def _on(device: Element, kind: str) -> bool:
    bus = document.get(device, "target/@bus")
    return kind not in ("scsi", "ide", "sata", "fdc") or (bus or "scsi") == kind
