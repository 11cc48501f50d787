# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Domains: what libvirt has, and the plan carried out. C(plan) decides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Mapping

from .._deps import libvirt
from .._errors import HypervisorError
from .._libvirt.errors import ALREADY_THERE, NO_DOMAIN, explained
from .._libvirt.lookup import find, inactive_xml
from .._names import check_name
from .._plan import ABSENT
from .._xml import document, properties
from .._xml.properties import LIVE
from . import removal, states
from .plan import CRASHED, RUNNING, SHUTDOWN, DomainFacts, DomainPlan, plan
from .properties import METADATA_NAMESPACE, PROPERTIES, Metadata

ATTEMPTS = 3
"""How often a run that lost a race reads again and compares."""


def lookup(connection: Any, name: str) -> Any:
    """The domain (libvirt.virDomain), None where there is none of that name."""
    return find(connection.lookupByName, name, NO_DOMAIN, f"looking up domain {name}")


def facts(domain: Any, secure: bool) -> DomainFacts:
    """The domain as libvirt has it.

    C(secure) includes passwords, which a redefinition would lose; a read-only connection has no right to them.
    """
    if domain is None:
        return DomainFacts()
    with explained(f"reading domain {domain.name()}"):
        word, reason = states.state(domain)
        persistent = bool(domain.isPersistent())
        live = document.parse(domain.XMLDesc(0), "domain") if word not in (SHUTDOWN, CRASHED) else None
        flags = libvirt.VIR_DOMAIN_XML_INACTIVE | (libvirt.VIR_DOMAIN_XML_SECURE if secure else 0)
        stored = document.parse(inactive_xml(domain.XMLDesc, flags), "domain")
        autostart = bool(domain.autostart()) if persistent else False
        return DomainFacts(word, autostart, stored, live, reason, persistent, secure)


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
        **properties.read(PROPERTIES, found.document),
    }


def _define(connection: Any, name: str, after: DomainFacts, validate: bool) -> Any:
    with explained(f"defining domain {name}"):
        flags = libvirt.VIR_DOMAIN_DEFINE_VALIDATE if validate else 0
        return connection.defineXMLFlags(document.to_text(after.document), flags)


def _set_live_texts(domain: Any, todo: DomainPlan) -> None:
    """Title, description and metadata of a running domain change at once."""
    kinds = {
        "title": libvirt.VIR_DOMAIN_METADATA_TITLE,
        "description": libvirt.VIR_DOMAIN_METADATA_DESCRIPTION,
    }
    changed = {change.path: change.after for change in todo.changes if change.applied == LIVE}
    for path, kind in kinds.items():
        if path in changed:
            domain.setMetadata(kind, changed[path] or None, None, None, libvirt.VIR_DOMAIN_AFFECT_LIVE)
    if "metadata" in changed:
        # libvirt adds the namespace itself, and fails where there is one.
        text = document.to_text(Metadata.facts(todo.after.document, changed["metadata"], namespace=""))
        domain.setMetadata(
            libvirt.VIR_DOMAIN_METADATA_ELEMENT, text, "lab", METADATA_NAMESPACE, libvirt.VIR_DOMAIN_AFFECT_LIVE
        )


def apply(connection: Any, name: str, domain: Any, todo: DomainPlan, options: Mapping[str, Any]) -> Any:
    """Carry the plan out, smallest step first; returns the domain, None where it is gone."""
    before, after = todo.before, todo.after
    if after.state == ABSENT:
        removal.remove(connection, domain, before, options)
        return None
    if any(change.path not in ("state", "autostart", "restart") for change in todo.changes):
        domain = _define(connection, name, after, options["validate"])
        if before.live is not None:
            with explained(f"describing running domain {name}"):
                _set_live_texts(domain, todo)
    if bool(before.autostart) != bool(after.autostart):
        with explained(f"setting autostart of domain {name}"):
            domain.setAutostart(int(bool(after.autostart)))
    if todo.restarts:
        states.stop(connection, domain, options)
        states.start(connection, domain, RUNNING, options)
    else:
        states.move(connection, domain, SHUTDOWN if before.state == ABSENT else before.state, after.state, options)
    return domain


def _seed(connection: Any) -> str:
    with explained("asking for the hypervisor's name"):
        return f"domain {connection.getHostname()}"


def converge(connection: Any, options: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """Make the domain what the options say (or tell what would be done); the module's result."""
    name = check_name("Domain", options["name"])
    seed = _seed(connection)
    for attempt in range(1, ATTEMPTS + 1):
        domain = lookup(connection, name)
        todo = plan(name, facts(domain, secure=not check_mode), options, seed)
        if todo.after.state == ABSENT and domain is not None:
            removal.check(domain, todo.before, options)
        if check_mode or not todo.changes:
            break
        try:
            domain = apply(connection, name, domain, todo, options)
        except HypervisorError as error:
            # Another run was faster: read again and compare.
            if error.details.get("libvirt_code") not in {*ALREADY_THERE, NO_DOMAIN} or attempt == ATTEMPTS:
                raise
            continue
        now = facts(domain, secure=True)
        left = _left(name, now, options, seed)
        # A guest that was started from its managed save has the definition of then.
        pending = left.pending or ([] if todo.restarts else todo.pending)
        todo = replace(todo, after=now, pending=pending, restarts=False)
        break
    found = todo.after if not check_mode else todo.before
    return {**todo.result(name), "domain": describe(found), "restart_required": todo.restart_required}


def _left(name: str, now: DomainFacts, options: Mapping[str, Any], seed: str) -> DomainPlan:
    """What is left to do. libvirt drops and rewrites what it is given; that it kept all is read, not believed."""
    left = plan(name, now, options, seed)
    lost = [change for change in left.changes if change.path not in ("restart", "state")]
    if lost:
        raise HypervisorError(
            f"Domain {name} was written, but libvirt did not keep {', '.join(change.path for change in lost)}:"
            " see the details, and write it as libvirt does.",
            "NOT_KEPT",
            changes=[change.as_dict() for change in lost],
        )
    return left
