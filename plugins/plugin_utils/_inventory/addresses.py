# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Addresses of guests: which ones count, and which one to take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from ...module_utils._errors import HypervisorError

LEASE, AGENT, ARP = "lease", "agent", "arp"
FAMILIES = {4: "ipv4", 6: "ipv6"}

Address = dict[str, Any]
Card = Mapping[str, Any]
"""A network card: C(mac), C(network), ..., and the C(addresses) found for it so far."""


@dataclass(frozen=True)
class Preference:
    """Which addresses are taken, the best first: by where they come from, then by family."""

    families: tuple[str, ...]
    networks: tuple[str | IPv4Network | IPv6Network, ...] = ()
    """Names of libvirt networks, and prefixes; none means any."""

    def rank(self, network: str | None, address: str) -> tuple[int, int] | None:
        """The place of an address in the order, None where it is not wanted."""
        ip = ip_address(address)
        family = FAMILIES[ip.version]
        matches = [
            place
            for place, each in enumerate(self.networks)
            if (each == network if isinstance(each, str) else ip in each)
        ]
        if family not in self.families or (self.networks and not matches):
            return None
        return min(matches, default=0), self.families.index(family)


def preference(families: Sequence[str], networks: Sequence[str]) -> Preference:
    """The preference that the options C(address_families) and C(address_networks) state."""
    return Preference(tuple(families), tuple(_network(each) for each in networks))


def _network(text: str) -> str | IPv4Network | IPv6Network:
    """A prefix has a slash, which no name of a libvirt network has."""
    if "/" not in text:
        return text
    try:
        return ip_network(text, strict=False)
    except ValueError as error:
        raise HypervisorError(
            f"address_networks has {text!r}, which is no prefix ({error}): write one such as 192.168.122.0/24.",
            "INVALID_ADDRESS",
        ) from error


def usable(text: str) -> bool:
    """Whether the text is an address at which a guest could be reached from elsewhere.

    A guest agent may answer anything at all, so it has to be looked at before it gets near a command line.
    """
    try:
        ip = ip_address(text)
    except ValueError:
        return False
    return "%" not in text and not (ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_unspecified)


def add(card: Card, address: str, prefix: int, source: str, hostname: str = "") -> None:
    """Note an address of a card, unless it is known or of no use."""
    known = {each["address"] for each in card["addresses"]}
    if usable(address) and address not in known:
        card["addresses"].append({"address": address, "prefix": prefix, "source": source, "hostname": hostname})


def choose(cards: Iterable[Card], wanted: Preference) -> Address | None:
    """The best address of the cards, None where there is none; the first card wins among equals."""
    ranked = [
        (rank, found)
        for card in cards
        for found in card["addresses"]
        if (rank := wanted.rank(card["network"], found["address"])) is not None
    ]
    return min(ranked, key=lambda each: each[0])[1] if ranked else None
