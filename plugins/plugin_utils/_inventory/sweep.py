# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""One sweep over the guests of a hypervisor, with as few calls as the answers allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from types import SimpleNamespace
from typing import Any, cast

from ...module_utils._deps import libvirt
from ...module_utils._domain.model import CRASHED, RUNNING, SHUTDOWN
from ...module_utils._domain.states import state
from ...module_utils._libvirt.connection import connected
from ...module_utils._libvirt.errors import NO_SUPPORT, explained
from ...module_utils._libvirt.lookup import unless_gone
from ...module_utils._xml import document
from . import addresses, sources
from .addresses import AGENT, ARP, LEASE, Preference
from .guest import facts, has_agent
from .hypervisors import Hypervisor
from .sources import Seen

OFF = frozenset({SHUTDOWN, CRASHED})


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


@dataclass(frozen=True)
class Sweep:
    """The guests of a hypervisor, by name, and what could not be found out."""

    guests: list[dict[str, Any]]
    warnings: list[str] = field(default_factory=list)


def sweep(hypervisor: Hypervisor, wish: Wish) -> Sweep:
    """All wanted guests; read once more where the daemon is restarted meanwhile."""
    options = {"uri": hypervisor.uri, "timeout": wish.timeout}
    found = connected(lambda connection: {"sweep": _sweep(connection, hypervisor, wish)}, options, readonly=True)
    return cast(Sweep, found["sweep"])


def _sweep(connection: Any, hypervisor: Hypervisor, wish: Wish) -> Sweep:
    """Read the guests, and ask each source for those that have no address yet."""
    warnings: list[str] = []
    seen = list(_guests(connection, wish))
    for source in wish.sources:
        waiting = [each for each in seen if addresses.choose(each.cards, wish.preference) is None]
        running = [each for each in waiting if each.facts["state"] == RUNNING]
        if source == LEASE:
            sources.leases(connection, [each for each in waiting if each.facts["state"] not in OFF])
        elif source == AGENT:
            patience = min(wish.agent_timeout, wish.timeout / 2)  # no guest can make its hypervisor late
            warnings += sources.agents(hypervisor, [each for each in running if each.agent], wish.timeout, patience)
        elif source == ARP:
            sources.neighbours(connection, running)
    return Sweep([_result(hypervisor, each, wish) for each in seen], warnings)


def _result(hypervisor: Hypervisor, seen: Seen, wish: Wish) -> dict[str, Any]:
    taken = addresses.choose(seen.cards, wish.preference) or {}
    return {
        **seen.facts,
        "uri": hypervisor.uri,
        "hypervisor": hypervisor.name,
        "address": taken.get("address"),
        "address_source": taken.get("source"),
    }


def _guests(connection: Any, wish: Wish) -> Iterator[Seen]:
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
                yield Seen(domain, found, has_agent(element))


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
