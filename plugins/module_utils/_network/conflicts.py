# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Subnets and bridges that are taken: by other networks, by the hypervisor's own addresses and routes.

libvirt refuses a network only where address and mask equal those of an interface, for IPv4, and only
at start. A subnet inside or around another one starts, and cuts the hypervisor off from it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, Callable, Iterable, Union

from .._errors import HypervisorError
from .._libvirt.errors import explained
from .._libvirt.lookup import unless_gone
from .._xml import document
from .._xml.document import Element
from .properties import FORWARD, parse
from .values import OWN_BRIDGE, interface_of

Subnet = Union[IPv4Network, IPv6Network]
RunCommand = Callable[..., "tuple[int, str, str]"]


@dataclass(frozen=True)
class Claim:
    """What only one may have: subnets, the name of a bridge, and its MAC address."""

    subnets: tuple[Subnet, ...] = ()
    bridge: str | None = None
    mac: str | None = None

    def without(self, had: Claim) -> Claim:
        """What is claimed in addition."""
        return Claim(
            tuple(subnet for subnet in self.subnets if subnet not in had.subnets),
            None if self.bridge == had.bridge else self.bridge,
            None if self.mac == had.mac else self.mac,
        )


@dataclass(frozen=True)
class Party:
    """Somebody who has some of it already."""

    who: str
    has: Claim
    leftover: str = ""
    """How to remove it, where it may be nobody's any more, such as the bridge of a libvirtd that was killed."""


def claim(element: Element) -> Claim:
    """What a network claims; the MAC address is that of its own bridge."""
    mac = document.get(element, "mac/@address")
    return Claim(tuple(subnets(element)), own_bridge(element), mac and mac.lower())


def subnets(element: Element) -> list[Subnet]:
    """The subnets that a network serves, IPv4 and IPv6."""
    return [interface_of(ip).network for ip in document.children(element, "ip") if ip.get("address")]


def own_bridge(element: Element) -> str | None:
    """The name of the bridge that libvirt makes for the network; None where it has none, or uses one of the host."""
    return document.get(element, "bridge/@name") if FORWARD.read(element) in OWN_BRIDGE else None


def check(name: str, new: Claim, parties: Iterable[Party]) -> None:
    """Refuse a subnet that is equal to, inside, or around another one, and a bridge or a MAC that is taken. Pure."""
    for party in parties:
        if new.bridge is not None and new.bridge == party.has.bridge:
            raise HypervisorError(
                f"Network {name}: bridge {new.bridge} is the one of {party.who}:"
                f" give another bridge.name{party.leftover}.",
                "BRIDGE_IN_USE",
                bridge=new.bridge,
                other=party.who,
            )
        if new.mac is not None and new.mac == party.has.mac:
            raise HypervisorError(
                f"Network {name}: {new.mac} is the MAC address of {party.who}: give another mac.",
                "MAC_IN_USE",
                mac=new.mac,
                other=party.who,
            )
        for subnet in new.subnets:
            for taken in party.has.subnets:
                if taken.version == subnet.version and taken.overlaps(subnet):
                    raise HypervisorError(
                        f"Network {name}: subnet {subnet} overlaps {taken} of {party.who}: choose another address.",
                        "SUBNET_IN_USE",
                        subnet=str(subnet),
                        taken=str(taken),
                        other=party.who,
                    )


def other_networks(connection: Any, name: str) -> list[Party]:
    """Every network but the one of that name, running or not."""
    with explained("listing the networks"):
        handles = connection.listAllNetworks(0)
    found = []
    for handle in handles:
        if handle.name() != name:
            with unless_gone(), explained(f"reading network {handle.name()}"):
                found.append(Party(f"network {handle.name()}", claim(parse(handle.XMLDesc(0)))))
    return found


def hypervisor(run_command: RunCommand, own: str | None) -> list[Party]:
    """The interfaces and routes of this machine, but for those of bridge C(own)."""
    found = []
    for link in _ip(run_command, "address", "show"):
        if link.get("ifname") not in (own, "lo"):
            who = f"the hypervisor's interface {link.get('ifname')}"
            taken = [
                _subnet(f"{each['local']}/{each['prefixlen']}") for each in link.get("addr_info", ()) if "local" in each
            ]
            leftover = f", or remove it where nothing uses it (ip link delete {link.get('ifname')})"
            has = Claim(tuple(filter(None, taken)), link.get("ifname"), link.get("address"))
            found.append(Party(who, has, leftover))
    for family in ("-4", "-6"):
        for route in _ip(run_command, family, "route", "show", "table", "all"):
            taken = [_subnet(route.get("dst", "default"))] if route.get("type", "unicast") == "unicast" else []
            if route.get("dev") not in (own, "lo"):
                who = f"the hypervisor's route to {route.get('dst')} by {route.get('dev') or 'its gateways'}"
                found.append(Party(who, Claim(tuple(filter(None, taken)))))
    return found


def _ip(run_command: RunCommand, *arguments: str) -> list[dict[str, Any]]:
    code, out, err = run_command(["ip", "-json", *arguments])
    if code != 0:
        raise HypervisorError(
            f"The hypervisor's addresses and routes cannot be read with 'ip -json {' '.join(arguments)}':"
            f" {err.strip()}. Install iproute2.",
            "ROUTES_UNKNOWN",
        )
    return [dict(each) for each in json.loads(out or "[]") if each]


def _subnet(text: str) -> Subnet | None:
    """The subnet, None where it takes no address from anybody: default routes, also in two halves, and link-local."""
    if text == "default":
        return None
    subnet = ip_network(text, strict=False)
    return None if subnet.prefixlen <= 1 or subnet.is_link_local or subnet.is_multicast else subnet
