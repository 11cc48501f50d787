# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What a network has, declared: addresses, DHCP, bridge, forwarding."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Interface, ip_address
from typing import Any

from .._errors import HypervisorError
from .._xml import document
from .._xml.document import Element
from .._xml.properties import LIVE, Group, Integer, Items, Name, OnOff, Property, Text

RESTART = "restart"
"""How a change takes effect that only a restart of the network can bring about."""

OWN_BRIDGE = ("nat", "route", "open", "isolated")
"""The forward modes in which libvirt makes the bridge, and serves addresses on it."""

IPV4 = "ip[@family='ipv4']"
_MAC = re.compile("[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_HOST_NAME = re.compile(r"[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*")


class Mac(Name):
    """A MAC address."""

    def normal(self, value: Any) -> Any:
        text = str(value).lower()
        if not _MAC.fullmatch(text) or int(text[:2], 16) & 1:
            raise HypervisorError(
                f"{self.name} {value!r} is not the MAC address of one card: write it as 52:54:00:12:34:56.",
                "INVALID_MAC",
            )
        return text


class Ip(Text):
    """An IPv4 address."""

    def normal(self, value: Any) -> Any:
        return str(_ipv4(self.name, value))


class HostName(Text):
    """A name that dnsmasq serves."""

    def normal(self, value: Any) -> Any:
        if not _HOST_NAME.fullmatch(value):
            raise HypervisorError(
                f"{self.name} {value!r} is not a host name: use letters, digits, '-' and '.', and start with a letter.",
                "INVALID_NAME",
            )
        return value


def _ipv4(what: str, value: Any) -> IPv4Address:
    try:
        return IPv4Address(value)
    except ValueError as error:
        raise HypervisorError(f"{what} {value!r} is not an IPv4 address.", "INVALID_ADDRESS") from error


class Address(Property):
    """The bridge's own IPv4 address with its prefix, such as C(192.168.122.1/24)."""

    def normal(self, value: Any) -> Any:
        try:
            interface = IPv4Interface(value)
        except ValueError:
            interface = None
        if interface is None or "/" not in value or interface.ip in _unusable(interface):
            raise HypervisorError(
                f"{self.name} {value!r} is not the address of a bridge: write one of its subnet and the length of the"
                " prefix, such as 192.168.122.1/24.",
                "INVALID_ADDRESS",
            )
        return str(interface)

    def read(self, element: Element) -> Any:
        found = document.find(element, self.path)
        if found is None or not found.get("address"):
            return None
        return str(IPv4Interface(f"{found.get('address')}/{prefix_length(found)}"))

    def write(self, element: Element, value: Any) -> None:
        found, interface = document.ensure(element, self.path), IPv4Interface(value)
        found.attrib.pop("prefix", None)
        found.set("address", str(interface.ip))
        found.set("netmask", str(interface.netmask))


def _unusable(interface: IPv4Interface) -> tuple[Any, ...]:
    network = interface.network
    return (network.network_address, network.broadcast_address) if network.prefixlen < 31 else ()


def prefix_length(ip: Element) -> str:
    """The prefix or netmask of an C(<ip>), as libvirt understands it."""
    stated = ip.get("prefix") or ip.get("netmask")
    if stated:
        return str(stated)
    first = ip_address(ip.get("address"))
    if first.version == 6:
        return "64"
    # The classes of before 1993: libvirt still goes by them where nothing is stated.
    octet = int(first) >> 24
    return "8" if octet < 128 else "16" if octet < 192 else "24"


class ForwardMode(Property):
    """How guests reach the world; C(isolated) is a network without a C(<forward>)."""

    def read(self, element: Element) -> Any:
        found = document.find(element, self.path)
        return "isolated" if found is None else found.get("mode") or "nat"

    def write(self, element: Element, value: Any) -> None:
        if self.read(element) == value:
            return
        document.remove(element, self.path)
        if value != "isolated":
            document.put(element, f"{self.path}/@mode", value)


class Ranges(Property):
    """The ranges of dynamic addresses; the list is the whole of them."""

    def argument(self) -> dict[str, Any]:
        member = {"type": "str", "required": True}
        return {"type": "list", "elements": "dict", "options": {"start": member, "end": member}}

    def normal(self, value: Any) -> Any:
        ranges = {(_ipv4(self.name, each["start"]), _ipv4(self.name, each["end"])) for each in value}
        return [{"start": str(start), "end": str(end)} for start, end in sorted(ranges)]

    def read(self, element: Element) -> Any:
        return self.normal([dict(found.attrib) for found in document.children(element, self.path)])

    def write(self, element: Element, value: Any) -> None:
        present = self.read(element)
        for found in list(document.children(element, self.path)):
            if self.normal([dict(found.attrib)])[0] not in value:
                found.getparent().remove(found)
        for each in value:
            if each not in present:
                parent, _slash, tag = self.path.rpartition("/")
                added = Items.add(document.ensure(element, parent), tag)
                added.set("start", each["start"])
                added.set("end", each["end"])


HOSTS = Items(
    "dhcp_hosts",
    f"{IPV4}/dhcp/host",
    ("mac",),
    (
        Mac("mac", "@mac", LIVE, {"required": True}),
        Ip("ip", "@ip", LIVE, {"required": True}),
        HostName("name", "@name", LIVE),
    ),
    LIVE,
)
"""DHCP reservations: the only part that libvirt changes while the network runs."""

ADDRESS = Address("address", IPV4, RESTART)
RANGES = Ranges("dhcp_ranges", f"{IPV4}/dhcp/range", RESTART)

PROPERTIES = (
    Group(
        "bridge",
        (
            Text("name", "@name", RESTART),
            OnOff("stp", "@stp", RESTART),
            Integer("delay", "@delay", RESTART),
        ),
        "bridge",
    ),
    Mac("mac", "mac/@address", RESTART),
    HostName("domain", "domain/@name", RESTART),
    ForwardMode("forward_mode", "forward", RESTART, {"choices": [*OWN_BRIDGE, "bridge"]}),
    ADDRESS,
    RANGES,
    HOSTS,
)


def parse(text: str) -> Element:
    """A network's document in which each IPv4 C(<ip>) says that it is one, so that paths can tell it from IPv6."""
    element = document.parse(text, "network")
    for ip in document.children(element, "ip"):
        ip.set("family", ip.get("family") or "ipv4")
    return element


def hosts(element: Element) -> dict[str, dict[str, Any]]:
    """MAC -> reservation; those without a MAC belong to no option."""
    return {host["mac"]: host for host in HOSTS.read(element) if host["mac"]}


def check_addressing(name: str, element: Element) -> None:
    """Refuse what libvirt takes at define or update and what then fails, or serves nobody."""
    address, ranges, reservations = ADDRESS.read(element), RANGES.read(element), list(hosts(element).values())
    if address is None:
        if ranges or reservations:
            raise HypervisorError(
                f"Network {name} has no IPv4 address to serve DHCP on: give address.", "MISSING_OPTION"
            )
        return
    bridge = IPv4Interface(address)
    places = [(f"DHCP range {each['start']}-{each['end']}", end) for each in ranges for end in each.values()]
    places += [(f"DHCP host {each['mac']} ({each['ip']})", each["ip"]) for each in reservations if each["ip"]]
    for what, text in places:
        if ip_address(text) not in bridge.network:
            raise HypervisorError(
                f"Network {name}: {what} lies outside {bridge.network}: correct it, or change address along with it.",
                "ADDRESS_OUTSIDE_SUBNET",
            )
    for each in ranges:
        if IPv4Address(each["start"]) > IPv4Address(each["end"]):
            raise HypervisorError(
                f"Network {name}: DHCP range {each['start']}-{each['end']} ends before it starts.", "INVALID_ADDRESS"
            )
    _check_unique(name, reservations, str(bridge.ip))


def _check_unique(name: str, reservations: list[dict[str, Any]], bridge: str) -> None:
    owners: dict[str, str] = {bridge: "the bridge"}
    for host in reservations:
        for value in filter(None, (host["ip"], host["name"])):
            if owners.setdefault(value, host["mac"]) != host["mac"]:
                raise HypervisorError(
                    f"Network {name}: {value} is reserved for {host['mac']}, and {owners[value]} has it already:"
                    " give each its own, or remove the other one with dhcp_hosts_absent.",
                    "ADDRESS_IN_USE",
                    mac=host["mac"],
                    owner=owners[value],
                )
