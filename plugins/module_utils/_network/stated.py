# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A whole C(<network>) document against the network that there is: does all that it states hold?"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Callable

from .._xml import document
from .._xml import stated as trees
from .._xml.difference import Change
from .._xml.document import Element
from .properties import HOSTS, RESTART, prefix_length


def normal(element: Element) -> Element:
    """A copy in the one form in which two documents of the same meaning are equal, without the DHCP hosts.

    Hosts are compared by themselves, since they alone change while the network runs.
    """
    clone = document.copy(element)
    for path in ("uuid", f"{HOSTS.path}[@mac]"):
        document.remove(clone, path)
    for each in list(clone.iter()):
        each.text = (each.text or "").strip() or None
        each.attrib.pop("connections", None)  # how many guests are on a running network
        _NORMAL.get(each.tag, _keep)(each)
    for each in clone.iter():
        each[:] = sorted(each, key=trees.canonical)
    return clone


def _keep(_element: Element) -> None:
    """Most elements are stored as they were given."""


def _ip(element: Element) -> None:
    element.set("prefix", _length(prefix_length(element)))
    element.attrib.pop("netmask", None)
    element.set("address", str(ip_address(element.get("address"))))
    dhcp = element.find("dhcp")
    if dhcp is not None and not len(dhcp):
        element.remove(dhcp)


def _length(prefix_or_netmask: str) -> str:
    if "." not in prefix_or_netmask:
        return prefix_or_netmask
    return str(bin(int(ip_address(prefix_or_netmask))).count("1"))


def _mac(element: Element) -> None:
    element.set("address", str(element.get("address")).lower())


def _forward(element: Element) -> None:
    element.set("mode", element.get("mode") or "nat")
    ports = element.find("nat/port")
    if ports is not None and dict(ports.attrib) == {"start": "1024", "end": "65535"}:
        document.remove(element, "nat/port")  # what a running network shows where nothing is stated


_NORMAL: dict[str, Callable[[Element], None]] = {"ip": _ip, "mac": _mac, "forward": _forward}


def same(one: Element, other: Element) -> bool:
    """Whether two documents mean the same network, DHCP hosts aside."""
    return trees.canonical(normal(one)) == trees.canonical(normal(other))


def unmet(stated: Element, actual: Element) -> list[Change]:
    """What C(stated) says and C(actual) does not have; what it does not mention is left alone."""
    return trees.unmet(normal(stated), normal(actual), RESTART)
