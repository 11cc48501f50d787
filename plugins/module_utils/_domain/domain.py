# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Domains: what libvirt has, and the plan carried out. C(plan) decides."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import Any, Callable, Mapping

from .._deps import libvirt
from .._errors import HypervisorError
from .._libvirt.errors import ALREADY_THERE, NO_DOMAIN, explained
from .._libvirt.lookup import find
from .._lock import domain_locked
from .._names import check_name
from .._plan import ABSENT
from .._xml import document
from .._xml.difference import Change
from . import overlays, removal, saved, states
from .facts import describe, facts
from .live.apply import LIVE_CHANGE_FAILED
from .live.apply import apply as apply_live
from .live.running import Running
from .model import PAUSED, RUNNING, SHUTDOWN, DomainFacts, DomainPlan
from .plan import plan

ATTEMPTS = 3
"""How often a run that lost a race reads again and compares."""


def lookup(connection: Any, name: str) -> Any:
    """The domain (libvirt.virDomain), None where there is none of that name."""
    return find(connection.lookupByName, name, NO_DOMAIN, f"looking up domain {name}")


def _define(connection: Any, name: str, after: DomainFacts, validate: bool) -> Any:
    with explained(f"defining domain {name}"):
        flags = libvirt.VIR_DOMAIN_DEFINE_VALIDATE if validate else 0
        return connection.defineXMLFlags(document.to_text(after.document), flags)


def _change_live(connection: Any, domain: Any, todo: DomainPlan, options: Mapping[str, Any]) -> None:
    """What the running guest takes at once. The definition is read again: libvirt gave its new devices addresses."""
    if not todo.live:
        return
    with explained(f"reading domain {domain.name()}"):
        stored = document.parse(
            domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE), "domain"
        )
        live = document.parse(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE), "domain")
    apply_live(Running(connection, domain, stored, live, options["timeout"]), todo.live)


def apply(connection: Any, name: str, domain: Any, todo: DomainPlan, options: Mapping[str, Any]) -> Any:
    """Carry the plan out, smallest step first; returns the domain, None where it is gone."""
    before, after = todo.before, todo.after
    if after.state == ABSENT:
        removal.remove(connection, domain, before, options)
        return None
    if todo.defines:
        saved.discard(domain, before, options)
        domain = _define(connection, name, after, options["validate"])
    if bool(before.autostart) != bool(after.autostart):
        with explained(f"setting autostart of domain {name}"):
            domain.setAutostart(int(bool(after.autostart)))
    if todo.restarts:
        states.stop(connection, domain, options)
        states.start(connection, domain, RUNNING, options)
        return domain
    # A guest answers only while it runs.
    pauses = before.state == RUNNING and after.state == PAUSED
    if pauses:
        _change_live(connection, domain, todo, options)
    states.move(connection, domain, SHUTDOWN if before.state == ABSENT else before.state, after.state, options)
    if not pauses:
        _change_live(connection, domain, todo, options)
    return domain


def converge(connection: Any, options: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """Make the domain what the options say (or tell what would be done); the module's result."""
    name = check_name("Domain", options["name"])
    patience = options["timeout"] + options["shutdown_timeout"]
    with nullcontext() if check_mode else domain_locked(name, patience):
        return _converge(connection, name, options, check_mode)


def _converge(connection: Any, name: str, options: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    for attempt in range(1, ATTEMPTS + 1):
        domain = lookup(connection, name)
        todo = plan(name, facts(connection, domain, secure=not check_mode), options, _seed(connection))
        if todo.after.state == ABSENT and domain is not None:
            removal.check(domain, todo.before, options)
        saved.check(domain, todo, options)
        overlays.check(domain, todo)
        if check_mode or not todo.changes:
            break
        try:
            with todo.attempted(name):
                domain = apply(connection, name, domain, todo, options)
                now = _settled(connection, domain, todo, options)
        except HypervisorError as error:
            # Somebody who takes no lock of ours was faster: read again and compare.
            raced = (
                error.details.get("libvirt_code") in {*ALREADY_THERE, NO_DOMAIN} and error.code != LIVE_CHANGE_FAILED
            )
            if not raced or attempt == ATTEMPTS:
                raise
            continue
        left = _left(name, now, options, _seed(connection))
        # A guest that was started from its managed save has the definition of then.
        pending = left.pending or ([] if todo.restarts or todo.live else todo.pending)
        stayed = {change.path for change in left.changes if _put_back(change)}
        done = [change for change in todo.changes if change.path not in stayed]
        todo = replace(todo, after=now, changes=done, pending=pending, restarts=False)
        break
    found = todo.after if not check_mode else todo.before
    return {**todo.result(name), "domain": describe(found), "restart_required": todo.restart_required}


def _settled(connection: Any, domain: Any, todo: DomainPlan, options: Mapping[str, Any]) -> DomainFacts:
    """The domain after the plan. A guest that went on from its saved image gets what it can take of its definition."""
    now = facts(connection, domain, secure=True)
    if todo.before.live is not None or now.live is None:
        return now
    left = plan(domain.name(), now, options, _seed(connection))
    if not left.live:
        return now
    _change_live(connection, domain, left, options)
    return facts(connection, domain, secure=True)


def _seed(connection: Any) -> Callable[[], str]:
    """What makes new MAC addresses this hypervisor's own, asked for only where there is a new one."""

    def seed() -> str:
        with explained("asking for the hypervisor's name"):
            return f"domain {connection.getHostname()}"

    return seed


def _left(name: str, now: DomainFacts, options: Mapping[str, Any], seed: Callable[[], str]) -> DomainPlan:
    """What is left to do. libvirt drops and rewrites what it is given; that it kept all is read, not believed."""
    left = plan(name, now, options, seed)
    lost = [change for change in left.changes if change.path not in ("restart", "state") and not _put_back(change)]
    if lost:
        raise HypervisorError(
            f"Domain {name} was written, but libvirt did not keep {', '.join(change.path for change in lost)}:"
            " see the details, and write it as libvirt does.",
            "NOT_KEPT",
            changes=[change.as_dict() for change in lost],
        )
    return left


def _put_back(change: Change) -> bool:
    """Whether libvirt has what a whole document does not state: a default of a version that our tables do not know."""
    return change.path.startswith("xml/") and change.after is None
