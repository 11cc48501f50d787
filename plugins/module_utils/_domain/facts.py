# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A domain as libvirt has it, in as few calls as that takes."""

from __future__ import annotations

from typing import Any

from .._deps import libvirt
from .._libvirt.errors import INVALID_ARG, NO_SUPPORT, explained
from .._libvirt.lookup import inactive_xml
from .._xml import document, properties
from . import states
from .live import pins
from .model import DomainFacts
from .properties import PROPERTIES

NOT_RUNNING = -1
"""The id of a domain that does not run; the look-up brought it along."""


def facts(connection: Any, domain: Any, secure: bool) -> DomainFacts:
    """The domain as libvirt has it.

    C(secure) includes passwords, which a redefinition would lose; a read-only connection has no right to them.
    """
    if domain is None:
        return DomainFacts()
    with explained(f"reading domain {domain.name()}"):
        word, reason, persistent = _state(connection, domain)
        runs = domain.ID() != NOT_RUNNING
        live = document.parse(domain.XMLDesc(0), "domain") if runs else None
        flags = libvirt.VIR_DOMAIN_XML_INACTIVE | (libvirt.VIR_DOMAIN_XML_SECURE if secure else 0)
        stored = document.parse(inactive_xml(domain.XMLDesc, flags), "domain")
        autostart = bool(domain.autostart()) if persistent else False
        if live is not None and pins.pinned_anew(live, stored):
            live = pins.without_idle(live, pins.host_cpus(connection))
        return DomainFacts(word, autostart, stored, live, reason, persistent, secure)


def _state(connection: Any, domain: Any) -> tuple[str, str, bool]:
    """State, reason, and whether the domain is persistent; a domain that does not run always is.

    The statistics of persistent domains tell both in one call: a transient one is not among them.
    """
    if domain.ID() == NOT_RUNNING:
        return (*states.state(domain), True)
    try:
        listed = connection.domainListGetStats(
            [domain], libvirt.VIR_DOMAIN_STATS_STATE, libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_PERSISTENT
        )
    except libvirt.libvirtError as error:
        if error.get_error_code() not in (NO_SUPPORT, INVALID_ARG):
            raise
        return (*states.state(domain), bool(domain.isPersistent()))
    if not listed:
        return (*states.state(domain), False)
    statistics = listed[0][1]
    return (*states.words(statistics["state.state"], statistics["state.reason"]), True)


def describe(found: DomainFacts) -> dict[str, Any]:
    """The domain as modules return it, by its definition; empty where it is absent. Sizes in bytes."""
    if found.document is None:
        return {}
    return {
        "name": document.get(found.document, "name"),
        "uuid": document.get(found.document, "uuid"),
        "state": found.state,
        "state_reason": found.reason,
        "autostart": found.autostart,
        "persistent": found.persistent,
        **{name: _said(value) for name, value in properties.read(PROPERTIES, found.document).items()},
    }


def _said(value: Any) -> Any:
    """The members of listed devices of which the definition says something: they have too many to show the others."""
    if not isinstance(value, list):
        return value
    return [
        {name: member for name, member in each.items() if member is not None} if isinstance(each, dict) else each
        for each in value
    ]
