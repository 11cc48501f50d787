# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The sections of a network that libvirt updates element by element, also while guests are on it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Iterable, Mapping, Sequence

from .._xml import document
from .._xml.document import Element
from .._xml.properties import Items
from .properties import (
    DNS_HOSTS,
    DNS_SRV,
    DNS_TXT,
    FORWARD,
    FORWARD_DEVICES,
    HOSTS,
    HOSTS6,
    PORTGROUPS,
    RANGES,
    RANGES6,
)
from .values import OWN_BRIDGE, interface_of


@dataclass(frozen=True)
class Section:
    """A list property with libvirt's word for its section; C(base) is the group that it is a member of."""

    code: str
    item: Any
    base: str = ""

    @property
    def option(self) -> str:
        """Its option as paths of changes write it, such as C(dns.hosts)."""
        return ".".join(filter(None, (self.base, self.item.name)))

    @property
    def path(self) -> str:
        """The place of its elements in the network."""
        return "/".join(filter(None, (self.base, self.item.path)))

    @property
    def ip(self) -> str:
        """The place of the C(<ip>) that it belongs to, empty where it belongs to none."""
        first = self.path.partition("/")[0]
        return first if first.startswith("ip[") else ""

    def covers(self, change: str) -> bool:
        """Whether the path of a change is one of its own."""
        return _plain(change).startswith((self.option, f"xml/{_plain(self.path)}"))

    def asked(self, wanted: Mapping[str, Any]) -> Any:
        """What the options (normal form) say of it, None where they are silent."""
        group = (wanted.get(self.base) or {}) if self.base else wanted
        return group.get(self.item.name)

    def read(self, element: Element) -> Any:
        found = document.find(element, self.base)
        return None if found is None else self.item.read(found)

    def write(self, element: Element, value: Any) -> None:
        self.item.write(document.ensure(element, self.base), value)

    def elements(self, element: Element) -> list[Element]:
        return list(document.children(element, self.path))

    def parent(self, element: Element) -> Element | None:
        """What its elements are added to; None where the network has no such place."""
        if self.ip:
            ip = document.find(element, f"{self.ip}[dhcp]")
            ip = document.find(element, self.ip) if ip is None else ip
            return None if ip is None else document.ensure(ip, "dhcp")
        place = self.path.rpartition("/")[0]
        return document.find(element, place) if place == "forward" else document.ensure(element, place)

    def index(self, element: Element) -> int:
        """The number of its C(<ip>), by which libvirt knows it; -1 where it belongs to none."""
        if not self.ip:
            return -1
        dhcp = self.parent(element)
        return next(number for number, ip in enumerate(document.children(element, "ip")) if ip.find("dhcp") is dhcp)

    def fits(self, stored: Element, live: Element) -> bool:
        """Whether the running network can take what the stored one has here."""
        if self.ip:
            ips = [document.find(each, self.ip) for each in (stored, live)]
            return None not in ips and interface_of(ips[0]).network == interface_of(ips[1]).network
        if self.base == "dns":
            served = FORWARD.read(live) in OWN_BRIDGE and document.get(live, "dns/@enable") != "no"
            return served and self.updatable(stored, live)
        if self.item is FORWARD_DEVICES:
            unused = not any(each.get("connections") for each in self.elements(live))
            return unused and FORWARD.read(stored) == FORWARD.read(live)
        return True

    def updatable(self, *networks: Element) -> bool:
        """Whether libvirt can tell the elements of these networks from each other by what an update says."""
        return self.item is not DNS_SRV or not any(
            one != other and all(ours in (None, theirs) for ours, theirs in zip(one, other))
            for one in _services(networks)
            for other in _services(networks)
        )

    def replace(self, element: Element, source: Element) -> None:
        """Put the elements of C(source) in the place of those of C(element), where that has a place for them."""
        parent = self.parent(element)
        if parent is None:
            return
        for each in self.elements(element):
            each.getparent().remove(each)
        if self.item is FORWARD_DEVICES:
            parent.attrib.pop("dev", None)  # repeats the first of them
        parent.extend(document.copy(each) for each in self.elements(source))


SECTIONS: Sequence[Section] = (
    Section("IP_DHCP_RANGE", RANGES),
    Section("IP_DHCP_HOST", HOSTS),
    Section("IP_DHCP_RANGE", RANGES6),
    Section("IP_DHCP_HOST", HOSTS6),
    Section("FORWARD_INTERFACE", FORWARD_DEVICES),
    Section("PORTGROUP", PORTGROUPS),
    Section("DNS_HOST", DNS_HOSTS, "dns"),
    Section("DNS_TXT", DNS_TXT, "dns"),
    Section("DNS_SRV", DNS_SRV, "dns"),
)


def _plain(path: str) -> str:
    """The path without what tells elements of one name apart."""
    return re.sub(r"\[.*?\]", "", path)


def _services(networks: Iterable[Element]) -> set[tuple[str | None, ...]]:
    """What libvirt knows SRV records by. One that says less than another stands for both."""
    known_by = ("service", "protocol", "domain", "target")
    return {
        tuple(srv.get(name) for name in known_by) for each in networks for srv in document.children(each, "dns/srv")
    }


def patched(element: Element, target: Element) -> Element:
    """The stored document after its sections are updated to be those of C(target), as far as updates can do it."""
    clone = document.copy(element)
    for section in SECTIONS:
        if section.updatable(element, target):
            section.replace(clone, target)
    return clone


def brought(live: Element, target: Element, wanted: Mapping[str, Any], complete: bool) -> Element:
    """The running network after the updates that it can take.

    Where C(complete), every section becomes that of C(target), the document to be stored. Otherwise only what
    the options name is brought about, and what else differs is left to its owner.
    """
    clone = document.copy(live)
    for section in SECTIONS:
        asked = section.asked(wanted)
        if (complete or asked is not None) and section.fits(target, live):
            if complete or not isinstance(section.item, Items):
                section.replace(clone, target)
            else:
                section.write(clone, asked)
    return clone
