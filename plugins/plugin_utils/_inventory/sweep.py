# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""One sweep over the guests of a hypervisor, with as few calls as the answers allow."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from types import SimpleNamespace
from typing import Any

from ...module_utils._deps import libvirt
from ...module_utils._domain.states import CRASHED, RUNNING, SHUTDOWN, state
from ...module_utils._errors import HypervisorError
from ...module_utils._libvirt.connection import connect, is_local
from ...module_utils._libvirt.errors import NO_SUPPORT, explained, is_disconnected
from ...module_utils._libvirt.lookup import unless_gone
from ...module_utils._xml import document
from . import addresses, neighbours
from .addresses import AGENT, ARP, LEASE, Preference
from .guest import facts, has_agent
from .hypervisors import Hypervisor
from .parallel import in_parallel

AGENTS_AT_ONCE = 5
"""As many calls of one client as a libvirt daemon handles at the same time by default."""


@dataclass(frozen=True)
class Wish:
    """Which guests are wanted, and how their addresses are found."""

    sources: tuple[str, ...]
    preference: Preference
    states: tuple[str, ...]
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    timeout: int
    agent_timeout: int

    def wants(self, name: str) -> bool:
        """Whether a guest of that name is wanted."""
        included = not self.include or any(fnmatchcase(name, pattern) for pattern in self.include)
        return included and not any(fnmatchcase(name, pattern) for pattern in self.exclude)


@dataclass
class _Seen:
    """A guest while its address is looked for."""

    domain: Any
    facts: dict[str, Any]
    agent: bool

    @property
    def cards(self) -> list[dict[str, Any]]:
        return list(self.facts["interfaces"])


@dataclass(frozen=True)
class Sweep:
    """The guests of a hypervisor, by name, and what could not be found out."""

    guests: list[dict[str, Any]]
    warnings: list[str] = field(default_factory=list)


def sweep(hypervisor: Hypervisor, wish: Wish) -> Sweep:
    """Read all wanted guests, and ask each source for those that have no address yet."""
    warnings: list[str] = []
    with connect(hypervisor.uri, wish.timeout, readonly=True) as connection:
        seen = list(_guests(connection, wish))
        for source in wish.sources:
            waiting = [each for each in seen if addresses.choose(each.cards, wish.preference) is None]
            running = [each for each in waiting if each.facts["state"] == RUNNING]
            if source == LEASE:
                _leases(connection, [each for each in waiting if each.facts["state"] not in (SHUTDOWN, CRASHED)])
            elif source == AGENT:
                warnings += _agents(hypervisor, [each for each in running if each.agent], wish)
            elif source == ARP:
                _neighbours(connection, running)
    return Sweep([_result(hypervisor, each, wish) for each in seen], warnings)


def _result(hypervisor: Hypervisor, seen: _Seen, wish: Wish) -> dict[str, Any]:
    taken = addresses.choose(seen.cards, wish.preference) or {}
    return {
        **seen.facts,
        "uri": hypervisor.uri,
        "hypervisor": hypervisor.name,
        "address": taken.get("address"),
        "address_source": taken.get("source"),
    }


def _guests(connection: Any, wish: Wish) -> Iterator[_Seen]:
    """The wanted guests by name, each dumped once; one that is removed meanwhile is left out."""
    with explained("listing the domains"):
        listed = [(domain.name(), domain, teller) for domain, teller in _domains(connection)]
    for name, domain, teller in sorted(listed, key=lambda each: str(each[0])):
        if not wish.wants(name):
            continue
        with unless_gone(), explained(f"reading domain {name}"):
            word, reason = state(teller)
            if word in wish.states:
                element = document.parse(domain.XMLDesc(0), "domain")
                found = {"name": name, "state": word, "state_reason": reason, **facts(element)}
                yield _Seen(domain, found, has_agent(element))


def _domains(connection: Any) -> list[tuple[Any, Any]]:
    """Every domain, and what tells its state. That is one call, except where a driver has no statistics."""
    try:
        found = connection.getAllDomainStats(libvirt.VIR_DOMAIN_STATS_STATE, 0)
    except libvirt.libvirtError as error:
        if error.get_error_code() != NO_SUPPORT:
            raise
        return [(domain, domain) for domain in connection.listAllDomains(0)]
    return [(domain, _teller(numbers["state.state"], numbers["state.reason"])) for domain, numbers in found]


def _teller(*numbers: int) -> Any:
    return SimpleNamespace(state=lambda: numbers)


def _leases(connection: Any, guests: Sequence[_Seen]) -> None:
    """One call per network that a guest is on, however many guests that are."""
    cards = {(card["network"], (card["mac"] or "").lower()): card for guest in guests for card in guest.cards}
    wanted = {network for network, _mac in cards if network}
    if not wanted:
        return
    with explained("listing the networks"):
        networks = connection.listAllNetworks(libvirt.VIR_CONNECT_LIST_NETWORKS_ACTIVE)
    for network in networks:
        name = network.name()
        leases = _answer(network.DHCPLeases, f"reading the leases of network {name}") if name in wanted else None
        # The newest first: a guest that was reinstalled may hold an older one too. 0 never expires.
        for lease in sorted(leases or [], key=lambda each: each["expirytime"] or float("inf"), reverse=True):
            card = cards.get((name, (lease["mac"] or "").lower()))
            if card is not None and (not lease["expirytime"] or lease["expirytime"] > time.time()):
                addresses.add(card, lease["ipaddr"], lease["prefix"], LEASE, lease["hostname"] or "")


def _agents(hypervisor: Hypervisor, guests: Sequence[_Seen], wish: Wish) -> list[str]:
    """Ask the guests' agents. To libvirt that is a write, and so needs a connection of its own.

    libvirt waits for an agent without end. A shorter patience would be a setting of the guest that stays.
    """
    if not guests:
        return []
    try:
        with connect(hypervisor.uri, wish.timeout) as connection:
            questions = [_question(connection, guest) for guest in guests]
            answers = list(zip(guests, in_parallel(questions, wish.agent_timeout, AGENTS_AT_ONCE)))
            late = [guest for guest, answer in answers if not answer.done()]
            for guest, answer in answers:
                if guest not in late:
                    _note(guest, answer.result(), AGENT)
    except HypervisorError as error:
        return [f"The agents of the guests of {hypervisor.name} were not asked for addresses: {error}"]
    return [
        f"The agent of guest {guest.facts['name']} gave no address within {wish.agent_timeout} s (agent_timeout)."
        for guest in late
    ]


def _question(connection: Any, guest: _Seen) -> Callable[[], Any]:
    def ask() -> Any:
        domain = connection.lookupByUUIDString(guest.facts["uuid"])
        return domain.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT, 0)

    return lambda: _answer(ask, f"asking the agent of guest {guest.facts['name']}")


def _neighbours(connection: Any, guests: Sequence[_Seen]) -> None:
    """Ask the hypervisor's kernel, which knows those it has talked to lately."""
    arp = libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP
    for guest in guests:
        doing = f"looking for guest {guest.facts['name']} among the neighbours"
        found = _answer(partial(guest.domain.interfaceAddresses, arp, 0), doing)
        if found is None and is_local(connection):
            # libvirt 9.0 cannot read the table of a kernel that is much younger ("wrong nlmsg len").
            found = neighbours.own()
        _note(guest, found, ARP)


def _note(guest: _Seen, found: Any, source: str) -> None:
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
