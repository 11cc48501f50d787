# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""PCI slots of a running guest: where a device can still be plugged in."""

from __future__ import annotations

from dataclasses import dataclass

from ..._xml import document
from ..._xml.document import Element

_PORTS = ("pcie-root-port", "pcie-switch-downstream-port")
_CONVENTIONAL = ("pci-root", "pci-bridge", "pcie-to-pci-bridge")
_SLOTS = 31
"""Slots of a conventional PCI bus; the first one is the bridge's own."""
_PLENTY = 1 << 10


def _address(device: Element) -> Element | None:
    found = device.find("address")
    return found if found is not None and found.get("type") == "pci" else None


def _taken(live: Element) -> set[tuple[int, int]]:
    """Bus and slot of every PCI device."""
    addresses = [_address(device) for device in document.children(live, "devices/*")]
    return {(int(each.get("bus"), 16), int(each.get("slot"), 16)) for each in addresses if each is not None}


def _buses(live: Element) -> dict[int, str]:
    """Model by index of the PCI controllers."""
    return {
        int(each.get("index")): str(each.get("model"))
        for each in document.children(live, "devices/controller")
        if each.get("type") == "pci"
    }


@dataclass
class Slots:
    """What is free: ports of PCI Express, and slots of conventional PCI."""

    express: int
    conventional: int

    has_express: bool = False

    def take(self, conventional: bool) -> bool:
        """Take one for a device that is C(conventional), or else likes Express best; whether there was one."""
        if not conventional and self.express > 0:
            self.express -= 1
            return True
        if conventional or not self.has_express:
            self.conventional -= 1
            return self.conventional >= 0
        return False


def free_slots(live: Element) -> Slots:
    """What the running guest has free; plenty where it has another kind of bus."""
    buses, taken = _buses(live), _taken(live)
    if not buses:
        return Slots(0, _PLENTY)
    used = {bus for bus, _slot in taken}
    express = sum(model in _PORTS and bus not in used for bus, model in buses.items())
    conventional = sum(
        _SLOTS - len([1 for bus, _slot in taken if bus == index])
        for index, model in buses.items()
        if model in _CONVENTIONAL
    )
    return Slots(express, conventional, any(model == "pcie-root" for model in buses.values()))


def fits(device: Element, live: Element) -> bool:
    """Whether the address that the definition gives the device is free in the running guest."""
    address = _address(device)
    if address is None:
        return False
    bus, slot = int(address.get("bus"), 16), int(address.get("slot"), 16)
    return bus in _buses(live) and (bus, slot) not in _taken(live)
