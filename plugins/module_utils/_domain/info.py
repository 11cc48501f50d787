# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
# pylint does not see the fields that a dataclass inherits from another file.
# pylint: disable=redundant-keyword-arg
"""Reading domains: all by a handful of calls and one more for each document, which is parsed once."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from .._deps import libvirt
from .._libvirt.errors import explained
from .._libvirt.lookup import inactive_xml, unless_gone
from .._names import check_name
from .._xml import document
from . import states
from .domain import lookup
from .facts import NOT_RUNNING, describe, facts
from .model import DomainFacts
from .pending import differing
from .statistics import statistics


def one(connection: Any, name: str, compare: bool, counted: bool) -> list[dict[str, Any]]:
    """The domain of that name as the info module returns it, C(counted) with its statistics; none where it is gone."""
    domain = lookup(connection, check_name("Domain", name))
    if domain is None:
        return []
    described = _described(facts(connection, domain, secure=False), compare)
    if counted:
        described["statistics"] = statistics(connection, domain) if domain.ID() != NOT_RUNNING else {}
    return [described]


def everything(connection: Any, compare: bool) -> list[dict[str, Any]]:
    """All domains; C(compare) has the running ones compared with their definitions, at a call each."""
    listed = [_described(each, compare) for each in _all(connection, compare)]
    return sorted(listed, key=lambda each: str(each["name"]))


def _described(found: DomainFacts, compare: bool) -> dict[str, Any]:
    pending = found.live is not None and found.persistent and bool(differing(found.live, found.document))
    return {**describe(found), "restart_required": pending if compare else None}


def _all(connection: Any, live: bool) -> Iterator[DomainFacts]:
    """Every domain. Two complementary lists tell which are persistent and which start by themselves."""
    with explained("listing the domains"):
        persistent = _listed(connection.getAllDomainStats, libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_PERSISTENT)
        quiet = {
            each.UUIDString(): each for each in connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_NO_AUTOSTART)
        }
        others = [each for uuid, each in quiet.items() if uuid not in persistent]
        transient = _listed(lambda *asked: connection.domainListGetStats(others, *asked), 0) if others else {}
    for uuid, (domain, found) in {**persistent, **transient}.items():
        with unless_gone(), explained(f"reading domain {domain.name()}"):
            word, reason = states.words(found["state.state"], found["state.reason"])
            stored = document.parse(inactive_xml(domain.XMLDesc, libvirt.VIR_DOMAIN_XML_INACTIVE), "domain")
            runs = live and domain.ID() != NOT_RUNNING
            running = document.parse(domain.XMLDesc(0), "domain") if runs else None
            yield DomainFacts(word, uuid not in quiet, stored, running, reason, uuid in persistent, secure=False)


def _listed(ask: Any, flags: int) -> Mapping[str, tuple[Any, Mapping[str, int]]]:
    """UUID -> domain and its state."""
    return {domain.UUIDString(): (domain, found) for domain, found in ask(libvirt.VIR_DOMAIN_STATS_STATE, flags)}
