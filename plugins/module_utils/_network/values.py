# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The kinds of values that networks have: addresses, names, modes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv6Interface, ip_address, ip_interface, ip_network
from typing import Any, Union

from .._errors import HypervisorError
from .._xml import document
from .._xml.document import Element
from .._xml.properties import Integer, Name, Property, Text

OWN_BRIDGE = ("nat", "route", "open", "isolated")
"""The forward modes in which libvirt makes the bridge, and serves addresses on it."""

Interface = Union[IPv4Interface, IPv6Interface]

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


class HostName(Text):
    """A name that dnsmasq serves."""

    def normal(self, value: Any) -> Any:
        if not _HOST_NAME.fullmatch(value):
            raise HypervisorError(
                f"{self.name} {value!r} is not a host name: use letters, digits, '-' and '.', and start with a letter.",
                "INVALID_NAME",
            )
        return value


class Amount(Integer):
    """A whole number of which 0 is none."""

    def same(self, present: Any, wanted: Any) -> bool:
        return (present or 0) == (wanted or 0)

    def write(self, element: Element, value: Any) -> None:
        if value:
            super().write(element, value)
        else:
            document.remove(element, self.path)


@dataclass(frozen=True)
class Ip(Text):
    """An IP address, of one version where C(version) says which."""

    version: int | None = None

    def normal(self, value: Any) -> Any:
        try:
            found = ip_address(value)
        except ValueError:
            found = None
        if found is None or self.version not in (None, found.version):
            raise HypervisorError(
                f"{self.name} {value!r} is not an IPv{self.version or '4 or IPv6'} address.", "INVALID_ADDRESS"
            )
        return str(found)


@dataclass(frozen=True)
class Address(Property):
    """The bridge's own address with its prefix, such as C(192.168.122.1/24); an empty one is none."""

    version: int = 4

    def normal(self, value: Any) -> Any:
        if value == "":
            return value
        try:
            interface = ip_interface(value)
        except ValueError:
            interface = None
        if (
            interface is None
            or "/" not in value
            or interface.version != self.version
            or interface.ip in _unusable(interface)
        ):
            example = "192.168.122.1/24" if self.version == 4 else "fd00:122::1/64"
            raise HypervisorError(
                f"{self.name} {value!r} is not the address of a bridge: write one of its IPv{self.version} subnet and"
                f" the length of the prefix, such as {example}.",
                "INVALID_ADDRESS",
            )
        return str(interface)

    def same(self, present: Any, wanted: Any) -> bool:
        return (present or "") == (wanted or "")

    def read(self, element: Element) -> Any:
        found = document.find(element, self.path)
        return None if found is None or not found.get("address") else str(interface_of(found))

    def write(self, element: Element, value: Any) -> None:
        if value == "":
            document.remove(element, self.path)
            return
        found, interface = document.ensure(element, self.path), ip_interface(value)
        for name in ("prefix", "netmask"):
            found.attrib.pop(name, None)
        found.set("address", str(interface.ip))
        if self.version == 4:
            found.set("netmask", str(interface.netmask))
        else:
            found.set("prefix", str(interface.network.prefixlen))


def _unusable(interface: Interface) -> tuple[Any, ...]:
    network = interface.network
    if interface.version == 6:
        return ()
    return (network.network_address, network.broadcast_address) if network.prefixlen < 31 else ()


def interface_of(ip: Element) -> Interface:
    """The address and the subnet of an C(<ip>)."""
    try:
        return ip_interface(f"{ip.get('address')}/{_prefix_length(ip)}")
    except ValueError as error:
        raise HypervisorError(f"The document of the network has a wrong subnet: {error}.", "INVALID_ADDRESS") from error


def _prefix_length(ip: Element) -> str:
    """The prefix or netmask of an C(<ip>), as libvirt understands it."""
    stated = ip.get("prefix") or ip.get("netmask")
    if stated and stated != "0":
        return str(stated)
    first = ip_address(ip.get("address"))
    if first.version == 6:
        return "64"
    # The classes of before 1993: libvirt still goes by them where nothing is stated.
    octet = int(first) >> 24
    return "8" if octet < 128 else "16" if octet < 192 else "24"


class Destination(Property):
    """Where a static route leads, such as C(10.9.0.0/16)."""

    def normal(self, value: Any) -> Any:
        try:
            return str(ip_network(value))
        except ValueError as error:
            raise HypervisorError(
                f"{self.name} {value!r} is not a subnet: write its first address and the length of the prefix, such as"
                " 10.9.0.0/16.",
                "INVALID_ADDRESS",
            ) from error

    def read(self, element: Element) -> Any:
        length = element.get("prefix") or element.get("netmask") or 0
        return str(ip_network(f"{element.get('address')}/{length}")) if element.get("address") else None

    def write(self, element: Element, value: Any) -> None:
        network = ip_network(value)
        element.set("family", f"ipv{network.version}")
        element.set("address", str(network.network_address))
        element.set("prefix", str(network.prefixlen))


class ForwardMode(Property):
    """How guests reach the world; C(isolated) is a network without a C(<forward>)."""

    def read(self, element: Element) -> Any:
        found = document.find(element, self.path)
        return "isolated" if found is None else found.get("mode") or "nat"

    def write(self, element: Element, value: Any) -> None:
        if value == "isolated":
            document.remove(element, self.path)
            return
        forward = document.ensure(element, self.path)
        forward.set("mode", value)
        if value != "nat":
            document.remove(forward, "nat")
        if value == "open":
            document.remove(forward, "interface")
            document.remove(forward, "@dev")
