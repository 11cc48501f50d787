# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Giving back what a machine that is gone had leased.

Until such a lease ends, an hour later, its address is given to nobody, not even to a guest for which it is reserved.
libvirt has no call for it: its DHCP server is told as the machine itself would have, by a packet (DHCPRELEASE of RFC
2131).
"""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
from contextlib import suppress
from typing import Any, Mapping

from .._deps import libvirt
from .._libvirt.connection import is_local
from .._xml import document
from .._xml.document import Element

_PORT = 67
_FIXED = struct.Struct("!4B4s2H4s4s4s4s16s64s128s")
_COOKIE = bytes((99, 130, 83, 99))
_REQUEST, _ETHERNET, _RELEASE = 1, 1, 7
_MESSAGE_TYPE, _SERVER, _CLIENT, _END = 53, 54, 61, 255
_NOWHERE = bytes(4)


def cards_on_networks(domain: Element) -> list[tuple[str, str]]:
    """Network and MAC address of each card that is on a libvirt network."""
    cards = []
    for card in document.children(domain, "devices/interface"):
        network, mac = document.get(card, "source/@network"), document.get(card, "mac/@address")
        if network and mac:
            cards.append((network, mac))
    return cards


def give_back(connection: Any, domain: Element) -> None:
    """End the IPv4 leases of a domain that does not run.

    Where that cannot be done, as without root, on a network that is stopped or on another machine, they end by
    themselves.
    """
    if not is_local(connection):
        return
    for name, mac in cards_on_networks(domain):
        with suppress(libvirt.libvirtError, OSError):
            network = connection.networkLookupByName(name)
            for lease in network.DHCPLeases(mac):
                if lease["type"] == libvirt.VIR_IP_ADDR_TYPE_IPV4:
                    _give_back(network, lease)


def _give_back(network: Any, lease: Mapping[str, Any]) -> None:
    subnet = ipaddress.ip_network(f"{lease['ipaddr']}/{lease['prefix']}", strict=False)
    for server in _servers(network.XMLDesc(0)):
        if ipaddress.ip_address(server) in subnet:
            packet = release(server, lease["ipaddr"], lease["mac"], lease["clientid"])
            _send(packet, network.bridgeName(), server)


def release(server: str, address: str, mac: str, client: str | None) -> bytes:
    """The packet by which a client gives its address back; C(client) is its identifier in hexadecimal, or none."""
    hardware = _octets(mac)
    fixed = _FIXED.pack(
        *(_REQUEST, _ETHERNET, len(hardware), 0, os.urandom(4), 0, 0, socket.inet_aton(address)),
        *(_NOWHERE, _NOWHERE, _NOWHERE, hardware, b"", b""),
    )
    options = [(_MESSAGE_TYPE, bytes((_RELEASE,))), (_SERVER, socket.inet_aton(server))]
    if client:
        options.append((_CLIENT, _octets(client)))
    told = b"".join(bytes((number, len(value))) + value for number, value in options)
    return fixed + _COOKIE + told + bytes((_END,))


def _send(packet: bytes, bridge: str, server: str) -> None:
    """The server takes it only from the bridge on which it serves."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, bridge.encode("ascii"))
        sender.sendto(packet, (server, _PORT))


def _servers(text: str) -> list[str]:
    """The network's own IPv4 addresses, on which its DHCP server listens."""
    ips = document.children(document.parse(text, "network"), "ip")
    return [str(each.get("address")) for each in ips if each.get("family", "ipv4") == "ipv4"]


def _octets(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))
