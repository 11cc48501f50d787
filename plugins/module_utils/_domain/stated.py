# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A whole C(<domain>) document against the domain that there is: does all that it states hold?"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from .._xml import document
from .._xml import stated as trees
from .._xml.difference import Change
from .._xml.document import Element
from .._xml.properties import NEXT_BOOT
from .._xml.units import parse_size
from .devices import DISKS, INTERFACES
from .properties import CONCEALED, MIB, Machine

_SIZES = {"memory": MIB, "currentMemory": 1024}
"""Elements that hold a size, and the bytes to whose multiple libvirt rounds it up."""

_OWNED = {
    "disk",
    "interface",
    "filesystem",
    "hostdev",
    "graphics",
    "channel",
    "rng",
    "tpm",
    "watchdog",
    "sound",
    "shmem",
}
"""Devices that libvirt never adds by itself: one that a whole document does not have is to be removed.

Controllers, inputs, the balloon, video, consoles and audio come from libvirt's defaults and stay.
"""


def _normal(element: Element) -> Element:
    clone = document.copy(element)
    document.remove(clone, "uuid")
    for each in clone.iter():
        each.text = (each.text or "").strip() or None
    for tag, grain in _SIZES.items():
        found = clone.find(tag)
        if found is not None:
            size = parse_size(found.text or "0", found.attrib.pop("unit", "KiB"))
            found.text = str(-(-size // grain) * grain)
    for mac in document.children(clone, "devices/interface/mac"):
        mac.set("address", str(mac.get("address")).lower())
    return clone


def _align_machine(stated: Element, actual: Element) -> bool:
    """libvirt replaces an alias of a machine type by what it stands for. Returns whether the machine stays."""
    machine = Machine("machine", "os/type/@machine")
    wanted, present = machine.read(stated), machine.read(actual)
    if wanted is not None and machine.same(present, wanted):
        machine.write(stated, present)
    return wanted is None or machine.same(present, wanted)


def _carry_places(stated: Element, actual: Element) -> None:
    """Leave devices where the guest knows them: at the addresses that libvirt gave them, on the same controllers."""
    places: dict[tuple[Any, ...], Element] = {}
    for device in document.children(actual, "devices/*"):
        address = device.find("address")
        if address is not None:
            places.setdefault(_place_key(device), address)
    devices = document.ensure(stated, "devices")
    for device in devices:
        address = places.pop(_place_key(device), None)
        if address is not None and device.find("address") is None:
            device.append(document.copy(address))
    types = {each.get("type") for each in devices.iterfind("controller")}
    for controller in document.children(actual, "devices/controller"):
        if controller.get("type") not in types:
            devices.append(document.copy(controller))


def _place_key(device: Element) -> tuple[Any, ...]:
    return device.tag, device.get("index"), document.get(device, "target/@bus"), _key(device)


def carry_identity(stated: Element, actual: Element) -> None:
    """Give the document what the domain has already: its UUID, by position its MAC addresses, and its places."""
    document.put(stated, "uuid", document.get(actual, "uuid") or "")
    present = INTERFACES.elements(actual)
    for position, interface in enumerate(INTERFACES.elements(stated)):
        if document.get(interface, "mac/@address") is None and position < len(present):
            document.put(interface, "mac/@address", document.get(present[position], "mac/@address") or "")
    if _align_machine(stated, actual):
        _carry_places(stated, actual)


def _listed(element: Element) -> dict[str, list[Any]]:
    """What a document says of the devices that only a person adds: a key of each, by kind."""
    found: dict[str, list[Any]] = {}
    for device in document.children(element, "devices/*"):
        if device.tag in _OWNED:
            found.setdefault(device.tag, []).append(_key(device))
    return found


def _key(device: Element) -> Any:
    if device.tag == "disk":
        return DISKS.properties[0].read(device)
    if device.tag == "interface":
        return INTERFACES.properties[0].read(device)
    return device.get("type") or device.get("model") or ""


def unlisted(stated: Element, actual: Element) -> list[Change]:
    """Devices of the domain that the document does not have."""
    wanted = _listed(stated)
    changes = []
    for tag, keys in _listed(actual).items():
        left = list(wanted.get(tag, []))
        for key in keys:
            if key in left:
                left.remove(key)
            else:
                changes.append(Change(f"xml/devices/{tag}[{key}]", key, None, NEXT_BOOT))
    return changes


def unmet(stated: Element, actual: Element, secure: bool = True) -> list[Change]:
    """What the document states and the domain does not have, or has beyond it.

    Unless C(secure), the domain was read without its passwords, and those of the document are taken for the same.
    """
    wanted = _normal(stated)
    for each in wanted.iterfind(".//*[@passwd]") if not secure else ():
        del each.attrib["passwd"]
    changes = trees.unmet(wanted, _normal(actual), NEXT_BOOT)
    return [_without_password(change) for change in changes] + unlisted(stated, actual)


def _without_password(change: Change) -> Change:
    if change.path.endswith("/@passwd"):
        return replace(change, before=change.before and CONCEALED, after=CONCEALED)
    if isinstance(change.after, str):
        return replace(change, after=re.sub(r'passwd="[^"]*"', f'passwd="{CONCEALED}"', change.after))
    return change
