# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A whole C(<network>) document against the network that there is: does all that it states hold?"""

from __future__ import annotations

from collections import defaultdict
from ipaddress import ip_address
from typing import Any, Callable

from .._xml import document
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
        each[:] = sorted(each, key=_canonical)
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


def _canonical(element: Element) -> str:
    attributes = sorted(element.attrib.items())
    return f"{element.tag} {attributes} {element.text} {[_canonical(each) for each in element]}"


def same(one: Element, other: Element) -> bool:
    """Whether two documents mean the same network, DHCP hosts aside."""
    return _canonical(normal(one)) == _canonical(normal(other))


def unmet(stated: Element, actual: Element) -> list[Change]:
    """What C(stated) says and C(actual) does not have; what it does not mention is left alone."""
    return _unmet(normal(stated), normal(actual), "xml")


def _unmet(stated: Element, actual: Element, path: str) -> list[Change]:
    changes = [
        Change(f"{path}/@{name}", actual.get(name), value, RESTART)
        for name, value in stated.attrib.items()
        if actual.get(name) != value
    ]
    if stated.text != actual.text and stated.text is not None:
        changes.append(Change(path, actual.text, stated.text, RESTART))
    present = _by_tag(actual)
    for tag, wanted in _by_tag(stated).items():
        changes += _unmet_children(wanted, present[tag], f"{path}/{tag}")
    return changes


def _unmet_children(wanted: list[Element], present: list[Element], path: str) -> list[Change]:
    if len(wanted) == len(present) == 1:
        return _unmet(wanted[0], present[0], path)
    changes, free = [], list(present)
    for each in wanted:
        match = next((other for other in free if not _unmet(each, other, path)), None)
        if match is None:
            changes.append(Change(path, None, document.to_text(each).strip(), RESTART))
        else:
            free.remove(match)
    return changes


def _by_tag(element: Element) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for child in element:
        found[child.tag].append(child)
    return found
