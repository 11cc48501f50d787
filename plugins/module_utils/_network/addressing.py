# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Refusals of what libvirt takes at define or update and what then fails, or serves nobody. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address, ip_interface
from typing import Any, Mapping, Sequence

from .._errors import HypervisorError
from .._xml.document import Element
from .properties import ADDRESS, ADDRESS6, HOSTS, HOSTS6, RANGES, RANGES6
from .values import Address


@dataclass(frozen=True)
class _Family:
    """What serves one version of IP, as options and as the document has them."""

    address: Address
    ranges: Any
    hosts: Any
    more: Sequence[str] = ()

    @property
    def options(self) -> tuple[str, ...]:
        return (self.address.name, self.ranges.name, self.hosts.name, *self.more)

    @property
    def key(self) -> str:
        """What a reservation is known by."""
        return str(self.hosts.key[0])


_FAMILIES = (
    _Family(ADDRESS, RANGES, HOSTS, ("bootp", "tftp_root")),
    _Family(ADDRESS6, RANGES6, HOSTS6),
)


def check_addressing(name: str, element: Element, wanted: Mapping[str, Any]) -> None:
    """Check the families of which an option is given; a document may be as wrong as libvirt lets it be."""
    for family in _FAMILIES:
        if any(wanted.get(option) for option in family.options):
            _check(name, element, family)


def _check(name: str, element: Element, family: _Family) -> None:
    address, ranges = family.address.read(element), family.ranges.read(element)
    reservations = [host for host in family.hosts.read(element) if host[family.key]]
    if address is None:
        raise HypervisorError(
            f"Network {name} has no IPv{family.address.version} address to serve DHCP on: give {family.address.name}.",
            "MISSING_OPTION",
        )
    bridge = ip_interface(address)
    places = [(f"DHCP range {each['start']}-{each['end']}", end) for each in ranges for end in each.values()]
    places += [(f"DHCP host {host[family.key]} ({host['ip']})", host["ip"]) for host in reservations if host["ip"]]
    for what, text in places:
        if ip_address(text) not in bridge.network:
            raise HypervisorError(
                f"Network {name}: {what} lies outside {bridge.network}: correct it, or change {family.address.name}"
                " along with it.",
                "ADDRESS_OUTSIDE_SUBNET",
            )
    for each in ranges:
        if int(ip_address(each["start"])) > int(ip_address(each["end"])):
            raise HypervisorError(
                f"Network {name}: DHCP range {each['start']}-{each['end']} ends before it starts.", "INVALID_ADDRESS"
            )
    _check_unique(name, reservations, family, str(bridge.ip))
    if element.find("ip/dhcp/bootp") is not None and not ranges and not reservations:
        raise HypervisorError(
            f"Network {name}: libvirt serves no boot file where it serves no addresses: give dhcp_ranges or"
            " dhcp_hosts.",
            "MISSING_OPTION",
        )


def _check_unique(name: str, reservations: Sequence[Mapping[str, Any]], family: _Family, bridge: str) -> None:
    owners: dict[str, str] = {bridge: "the bridge"}
    for host in reservations:
        owner = host[family.key]
        for value in filter(None, (host["ip"], host["name"])):
            if owners.setdefault(value, owner) != owner:
                raise HypervisorError(
                    f"Network {name}: {value} is reserved for {owner}, and {owners[value]} has it already:"
                    f" give each its own, or remove the other one with {family.hosts.name}_absent.",
                    "ADDRESS_IN_USE",
                    **{family.key: owner},
                    owner=owners[value],
                )
