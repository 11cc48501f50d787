# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The cards of a guest, as the network configuration that its first boot reads."""

from __future__ import annotations

import ipaddress
import re
from typing import Any, Mapping, Sequence, Union

from .._errors import HypervisorError

Interface = Union[ipaddress.IPv4Interface, ipaddress.IPv6Interface]

_MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")
# "default" is not known to every version of netplan.
_DEFAULT = {4: "0.0.0.0/0", 6: "::/0"}


def network_config(cards: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Version 2. Cards are found by their MAC address and keep the names that the kernel gives them.

    Renaming a card (C(set-name)) makes some versions of udev wait for two minutes.
    """
    macs = [card["mac"].lower() for card in cards]
    for number, mac in enumerate(macs):
        if not _MAC.fullmatch(mac) or mac in macs[:number]:
            raise _invalid(f"network[{number}].mac", f"{mac!r} is not a MAC address, or that of two cards")
    return {
        "version": 2,
        "ethernets": {
            f"card{number}" if number else "primary": _card(number, mac, card)
            for number, (mac, card) in enumerate(zip(macs, cards))
        },
    }


def _card(number: int, mac: str, card: Mapping[str, Any]) -> dict[str, Any]:
    name = f"network[{number}]"
    addresses = [_interface(f"{name}.addresses", each) for each in card["addresses"] or ()]
    dhcp4 = card["dhcp4"] if card["dhcp4"] is not None else not addresses
    made: dict[str, Any] = {"match": {"macaddress": mac}, "dhcp4": dhcp4}
    if dhcp4:
        # Otherwise clones of a machine ask as one.
        made["dhcp-identifier"] = "mac"
    if card["dhcp6"] is not None:
        made["dhcp6"] = card["dhcp6"]
    if addresses:
        made["addresses"] = [str(each) for each in addresses]
    routes = [*_gateways(name, card, addresses), *_routes(name, card["routes"] or ())]
    if routes:
        made["routes"] = routes
    servers = [str(_address(f"{name}.nameservers", each)) for each in card["nameservers"] or ()]
    if servers or card["search"]:
        made["nameservers"] = {
            key: value for key, value in (("addresses", servers), ("search", card["search"])) if value
        }
    if card["mtu"] is not None:
        made["mtu"] = card["mtu"]
    # A boot does not wait for a card that is not needed to reach the guest.
    if card["optional"] if card["optional"] is not None else number > 0:
        made["optional"] = True
    return made


def _gateways(name: str, card: Mapping[str, Any], addresses: Sequence[Interface]) -> list[dict[str, Any]]:
    found = []
    for version in (4, 6):
        option = f"gateway{version}"
        if card[option] is None:
            continue
        gateway = _address(f"{name}.{option}", card[option])
        near = [each for each in addresses if each.version == version]
        if gateway.version != version or not (
            any(gateway in each.network for each in near) or (gateway.is_link_local and near)
        ):
            raise _invalid(f"{name}.{option}", f"{gateway} is in the network of none of the card's addresses")
        found.append({"to": _DEFAULT[version], "via": str(gateway)})
    return found


def _routes(name: str, routes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    made = []
    for number, route in enumerate(routes):
        path = f"{name}.routes[{number}]"
        via = _address(f"{path}.via", route["via"])
        to = _DEFAULT[via.version] if route["to"] == "default" else str(_network(f"{path}.to", route["to"]))
        metric = {} if route["metric"] is None else {"metric": route["metric"]}
        made.append({"to": to, "via": str(via), **metric})
    return made


def _interface(path: str, text: str) -> Interface:
    if "/" not in text:
        raise _invalid(path, f"{text!r} has no prefix length, such as 192.168.122.20/24")
    try:
        return ipaddress.ip_interface(text)
    except ValueError as error:
        raise _invalid(path, str(error)) from error


def _address(path: str, text: str) -> Any:
    try:
        return ipaddress.ip_address(text)
    except ValueError as error:
        raise _invalid(path, str(error)) from error


def _network(path: str, text: str) -> Any:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise _invalid(path, str(error)) from error


def _invalid(path: str, why: str) -> HypervisorError:
    return HypervisorError(f"{path}: {why}.", "INVALID_OPTION", path=path)
