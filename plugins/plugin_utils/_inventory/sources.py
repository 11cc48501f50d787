# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Where the addresses of guests are looked for: leases, guest agents, and the hypervisor's neighbours."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ...module_utils._deps import libvirt
from ...module_utils._errors import HypervisorError
from ...module_utils._libvirt.connection import connect, is_local
from ...module_utils._libvirt.errors import explained, is_disconnected
from . import addresses
from .addresses import AGENT, ARP, LEASE
from .hypervisors import Hypervisor
from .neighbours import own_table
from .parallel import in_parallel

AGENTS_AT_ONCE = 5
"""As many calls of one client as a libvirt daemon handles at the same time by default."""


@dataclass
class Seen:
    """A guest while its address is looked for."""

    domain: Any
    facts: dict[str, Any]
    agent: bool

    @property
    def cards(self) -> list[dict[str, Any]]:
        """Its network cards, with the addresses found for them so far."""
        return list(self.facts["interfaces"])


def leases(connection: Any, guests: Sequence[Seen]) -> None:
    """Ask the networks that the guests are on, each once."""
    cards = {(card["network"], (card["mac"] or "").lower()): card for guest in guests for card in guest.cards}
    wanted = {network for network, _mac in cards if network}
    if not wanted:
        return
    active = partial(connection.listAllNetworks, libvirt.VIR_CONNECT_LIST_NETWORKS_ACTIVE)
    for network in _answer(active, "listing the networks") or []:
        name = network.name()
        found = _answer(network.DHCPLeases, f"reading the leases of network {name}") if name in wanted else None
        # The newest first: a guest that was reinstalled may hold an older one too. 0 never expires.
        for lease in sorted(found or [], key=lambda each: each["expirytime"] or float("inf"), reverse=True):
            card = cards.get((name, (lease["mac"] or "").lower()))
            if card is not None and (not lease["expirytime"] or lease["expirytime"] > time.time()):
                addresses.add(card, lease["ipaddr"], lease["prefix"], LEASE, lease["hostname"] or "")


def agents(hypervisor: Hypervisor, guests: Sequence[Seen], timeout: int, patience: float) -> list[str]:
    """Ask the guests' agents; returns warnings. To libvirt that is a write, and so needs a connection of its own.

    libvirt waits for an agent without end. A shorter patience of its own would be a setting of the guest that stays.
    """
    if not guests:
        return []
    try:
        with connect(hypervisor.uri, timeout) as connection:
            questions = [_question(connection, guest) for guest in guests]
            answers = list(zip(guests, in_parallel(questions, patience, AGENTS_AT_ONCE)))
            late = [guest for guest, answer in answers if not answer.done()]
            for guest, answer in answers:
                if guest not in late:
                    _note(guest, answer.result(), AGENT)
    except HypervisorError as error:
        return [f"The agents of the guests of {hypervisor.name} were not asked for addresses: {error}"]
    return [
        f"The agent of guest {guest.facts['name']} gave no address within {patience:g} s (agent_timeout)."
        for guest in late
    ]


def _question(connection: Any, guest: Seen) -> Callable[[], Any]:
    def ask() -> Any:
        domain = connection.lookupByUUIDString(guest.facts["uuid"])
        return domain.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT, 0)

    return lambda: _answer(ask, f"asking the agent of guest {guest.facts['name']}")


def neighbours(connection: Any, guests: Sequence[Seen]) -> None:
    """Ask the hypervisor's kernel, which knows those it has talked to lately."""
    arp = libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP
    for guest in guests:
        doing = f"looking for guest {guest.facts['name']} among the neighbours"
        found = _answer(partial(guest.domain.interfaceAddresses, arp, 0), doing)
        if found is None and is_local(connection):
            # libvirt 9.0 cannot read the table of a kernel that is much younger ("wrong nlmsg len").
            found = own_table()
        _note(guest, found, ARP)


def _note(guest: Seen, found: Any, source: str) -> None:
    """Note what was found, on the guest's own cards: an agent tells of its bridges and tunnels as well."""
    for each in (found or {}).values():
        for card in guest.cards:
            if card["mac"] and card["mac"].lower() == (each["hwaddr"] or "").lower():
                for address in each["addrs"] or []:
                    addresses.add(card, address["addr"], address["prefix"], source)


def _answer(call: Callable[[], Any], doing: str) -> Any:
    """What the call returns, None where this guest, network or driver has no answer."""
    with explained(doing):
        try:
            return call()
        except libvirt.libvirtError as error:
            if is_disconnected(error):
                raise
            return None
