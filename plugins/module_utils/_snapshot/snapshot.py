# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Snapshots: what libvirt has, and the plan carried out. C(creation), C(removal) and C(reversion) decide."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any, Callable, Mapping

from .._domain import domain as domains
from .._errors import HypervisorError
from .._image.command import Run
from .._libvirt.connection import is_local
from .._libvirt.errors import DISCONNECTED, explained
from .._lock import domain_locked
from .._names import check_name
from .._plan import ABSENT, Facts
from .._xml import document
from .._xml.difference import Change
from .._xml.properties import LIVE
from . import apply, creation, model, overlay, removal, reversion, view
from .model import Snapshot
from .plan import PRESENT, REVERTED, SnapshotPlan, unchanged

ATTEMPTS = 3
"""How often a run that lost a race reads again and compares."""


@dataclass(frozen=True)
class Task:
    """What was asked for, and the means."""

    options: Mapping[str, Any]
    check_mode: bool
    warn: Callable[[str], None]
    run: Run


def converge(connection: Any, task: Task) -> dict[str, Any]:
    """Make the snapshot what the options say (or tell what would be done); the module's result."""
    name, domain = check_name("Snapshot", task.options["name"]), check_name("Domain", task.options["domain"])
    # A run that changes the domain's disks meanwhile would bring back the files from before.
    with nullcontext() if task.check_mode else domain_locked(domain, task.options["deadline"]):
        return _converge(connection, domain, name, task)


def _converge(connection: Any, domain_name: str, name: str, task: Task) -> dict[str, Any]:
    domain = domains.lookup(connection, domain_name)
    if domain is None:
        return _without_domain(task)
    for attempt in range(1, ATTEMPTS + 1):
        handle = view.lookup(domain, name)
        todo = _plan(connection, domain, handle, task)
        if task.check_mode or not todo.changes:
            break
        try:
            with todo.attempted(name):
                _apply(connection, domain, handle, todo, task)
        except HypervisorError as error:
            # Somebody who takes no lock of ours was faster where it is now as it was asked for: read again and compare.
            gone = error.code == DISCONNECTED or attempt == ATTEMPTS
            if gone or (view.lookup(domain, name) is None) == (handle is None):
                raise
        else:
            break
    with todo.attempted(name):
        return _result(domain, todo, task)


def _plan(connection: Any, domain: Any, handle: Any, task: Task) -> SnapshotPlan:
    options = task.options
    label = f"Snapshot {options['name']} of domain {domain.name()}"
    present = None if handle is None else view.facts(handle)
    if options["state"] == PRESENT:
        if present is not None:
            return creation.compare(present, options, label, view.state(domain))
        todo = creation.plan(view.read(connection, domain, live=True), options)
        _check_files(connection, label, todo, task)
        return todo
    if present is None:
        if options["state"] == REVERTED:
            raise HypervisorError(
                f"{label} does not exist: mini.hypervisor.virt_snapshot_info lists those that do.", "NO_SUCH_SNAPSHOT"
            )
        return unchanged(None, view.state(domain))
    if options["state"] == ABSENT:
        return removal.plan(view.read(connection, domain, live=True), present, options)
    return reversion.plan(view.read(connection, domain, live=False), present, options)


def _check_files(connection: Any, label: str, todo: SnapshotPlan, task: Task) -> None:
    """Look at the overlays where libvirt does not: it takes any file for one, and check mode does not ask it."""
    reuse, snapshot = task.options["reuse_external"], todo.snapshot
    if reuse and not is_local(connection):
        raise HypervisorError(
            f"{label}: only on the hypervisor itself can a file be seen to be the right overlay: run the module there,"
            " with a local uri.",
            "REUSE_NEEDS_LOCAL",
        )
    if snapshot is not None and snapshot.external and is_local(connection) and (reuse or task.check_mode):
        for disk in snapshot.disks:
            overlay.check(label, disk, reuse, task.run)


def _apply(connection: Any, domain: Any, handle: Any, todo: SnapshotPlan, task: Task) -> None:
    state = task.options["state"]
    if state == PRESENT:
        apply.create(domain, todo, task.options)
    elif state == ABSENT:
        apply.remove(domain, todo, task.options)
    else:
        apply.revert(connection, domain, todo, _secure(handle), task.options, task.run)


def _secure(handle: Any) -> Snapshot:
    with explained(f"reading snapshot {handle.getName()}"):
        return model.parse(handle.getXMLDesc(1))


def _result(domain: Any, todo: SnapshotPlan, task: Task) -> dict[str, Any]:
    snapshot, state = todo.snapshot, todo.state
    if todo.changes and not task.check_mode:
        state = view.state(domain)
        if snapshot is not None:
            snapshot = view.facts(view.lookup(domain, snapshot.name))
    return {
        **todo.result(task.options["name"]),
        "snapshot": {} if snapshot is None else snapshot.describe(),
        "domain": {"name": domain.name(), "uuid": domain.UUIDString(), "state": state},
    }


def _without_domain(task: Task) -> dict[str, Any]:
    """Nothing is to be removed from no domain; in check mode an earlier task would have made it."""
    options = task.options
    todo = unchanged(None, None)
    if options["state"] != ABSENT:
        problem = f"Domain {options['domain']} does not exist"
        if options["state"] == REVERTED or not task.check_mode:
            raise HypervisorError(f"{problem}: define it with mini.hypervisor.virt_domain first.", "NO_SUCH_DOMAIN")
        task.warn(f"{problem} yet: predicting as if it were there.")
        after = Facts(PRESENT, None, document.parse("<domainsnapshot/>"))
        document.put(after.document, "name", options["name"])
        todo = replace(todo, after=after, changes=[Change("state", ABSENT, PRESENT, LIVE)])
    return {**todo.result(options["name"]), "snapshot": {}, "domain": {}}
