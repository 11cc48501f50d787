# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Devices of the hypervisor that are handed to a guest."""

from __future__ import annotations

import re
from typing import Any, Iterator, Mapping

from ..._errors import HypervisorError
from ..._xml import document
from ..._xml.document import Element
from ..._xml.properties import LIVE, NEXT_BOOT, Items, Text, YesNo

_PCI = re.compile("(?:([0-9a-f]{4}):)?([0-9a-f]{2}):([0-9a-f]{2})[.]([0-7])")
_USB = re.compile("([0-9a-f]{4}):([0-9a-f]{4})")
_MDEV = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_PARTS = ("domain", "bus", "slot", "function")


class Address(Text):
    """Where the device is: C(0000:01:00.0), the vendor and product C(046d:c52b), or the UUID of a mediated device."""

    def normal(self, value: Any) -> Any:
        text = str(value).lower()
        pci = _PCI.fullmatch(text)
        if pci:
            return f"{pci.group(1) or '0000'}:{pci.group(2)}:{pci.group(3)}.{pci.group(4)}"
        if not _USB.fullmatch(text) and not _MDEV.fullmatch(text):
            raise HypervisorError(
                f"{value!r} is not the address of a host device: write a PCI address as 0000:01:00.0, a USB vendor and"
                " product as 046d:c52b, or the UUID of a mediated device.",
                "INVALID_OPTION",
            )
        return text

    def read(self, element: Element) -> Any:
        address = document.find(element, "source/address")
        if element.get("type") == "pci" and address is not None:
            parts = [int(address.get(part) or "0", 16) for part in _PARTS]
            return "{:04x}:{:02x}:{:02x}.{:x}".format(*parts)
        if element.get("type") == "mdev" and address is not None:
            return str(address.get("uuid")).lower()
        vendor, product = (document.get(element, f"source/{each}/@id") for each in ("vendor", "product"))
        return f"{int(vendor, 16):04x}:{int(product, 16):04x}" if vendor and product else None

    def write(self, element: Element, value: Any) -> None:
        element.set("mode", "subsystem")
        document.remove(element, "source")
        pci, usb = _PCI.fullmatch(value), _USB.fullmatch(value)
        if pci:
            for part, text in zip(_PARTS, pci.groups()):
                document.put(element, f"source/address/@{part}", f"0x{text}")
        elif usb:
            for part, text in zip(("vendor", "product"), usb.groups()):
                document.put(element, f"source/{part}/@id", f"0x{text}")
        else:
            element.set("model", "vfio-pci")
            document.put(element, "source/address/@uuid", value)


HOSTDEVS = Items(
    "hostdevs",
    "devices/hostdev",
    ("type", "address"),
    (
        Text("type", "@type", NEXT_BOOT, {"required": True, "choices": ["pci", "usb", "mdev"]}),
        Address("address", "source", NEXT_BOOT, {"required": True}),
        YesNo("managed", "@managed", missing=False),
    ),
    LIVE,
    removable=True,
)


def refused(given: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    """What cannot be, a sentence each."""
    kinds = {"pci": _PCI, "usb": _USB, "mdev": _MDEV}
    for asked in given.get("hostdevs") or []:
        if asked.get("state") == "absent":
            continue
        if not given.get("allow_hostdevs"):
            yield (
                f"host device {asked['address']}: a guest that has it can harm the hypervisor."
                " Allow it with allow_hostdevs: true."
            )
        if not kinds[asked["type"]].fullmatch(asked["address"]):
            yield f"host device {asked['address']}: that is not the address of a {asked['type']} device."
