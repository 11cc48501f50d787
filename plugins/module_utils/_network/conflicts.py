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
from ipaddress import IPv4Network, IPv6Network, ip_interface, ip_network
from typing import Any, Callable, Iterable, Union

from .._errors import HypervisorError
from .._libvirt.errors import explained
from .._libvirt.lookup import unless_gone
from .._xml import document
from .._xml.document import Element
from .properties import OWN_BRIDGE, ForwardMode, parse, prefix_length

Subnet = Union[IPv4Network, IPv6Network]
RunCommand = Callable[..., "tuple[int, str, str]"]


@dataclass(frozen=True)
class Party:
    """Somebody who has subnets or a bridge's name."""

    who: str
    subnets: tuple[Subnet, ...] = ()
    bridge: str | None = None


def subnets(element: Element) -> list[Subnet]:
    """The subnets that a network serves, IPv4 and IPv6."""
    return [
        ip_interface(f"{ip.get('address')}/{prefix_length(ip)}").network
        for ip in document.children(element, "ip")
        if ip.get("address")
    ]


def own_bridge(element: Element) -> str | None:
    """The name of the bridge that libvirt makes for the network; None where it has none, or uses one of the host."""
    if ForwardMode("forward_mode", "forward").read(element) not in OWN_BRIDGE:
        return None
    return document.get(element, "bridge/@name")


def check(name: str, wanted: Iterable[Subnet], bridge: str | None, parties: Iterable[Party]) -> None:
    """Refuse a subnet that is equal to, inside, or around another one, and a bridge's name that is taken. Pure."""
    asked = list(wanted)
    for party in parties:
        if bridge is not None and bridge == party.bridge:
            raise HypervisorError(
                f"Network {name}: bridge {bridge} is the one of {party.who}: give another bridge.name.",
                "BRIDGE_IN_USE",
                bridge=bridge,
                other=party.who,
            )
        for subnet in asked:
            for taken in party.subnets:
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
                element = parse(handle.XMLDesc(0))
                found.append(Party(f"network {handle.name()}", tuple(subnets(element)), own_bridge(element)))
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
            found.append(Party(who, tuple(filter(None, taken)), link.get("ifname")))
    for family in ("-4", "-6"):
        for route in _ip(run_command, family, "route", "show", "table", "all"):
            taken = [_subnet(route.get("dst", "default"))] if route.get("type", "unicast") == "unicast" else []
            if route.get("dev") not in (own, "lo"):
                who = f"the hypervisor's route to {route.get('dst')} by {route.get('dev') or 'its gateways'}"
                found.append(Party(who, tuple(filter(None, taken))))
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
