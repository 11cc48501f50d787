# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Storage pools: what libvirt has, and the plan carried out. C(pool_plan) decides."""

from __future__ import annotations

import time
from contextlib import nullcontext
from dataclasses import replace
from typing import Any, Callable, Mapping

from .._deps import libvirt
from .._errors import HypervisorError
from .._libvirt.errors import (
    ALREADY_THERE,
    FROM_STORAGE,
    INVALID_ARG,
    NO_STORAGE_POOL,
    NO_SUPPORT,
    explain,
    explained,
)
from .._libvirt.lookup import find, inactive_xml
from .._lock import libvirt_locked
from .._names import check_name
from .._plan import ABSENT
from .._xml import document, properties
from .._xml.document import Element
from . import pool_directory
from .pool_conflicts import refuse_taken
from .pool_plan import ACTIVE, INACTIVE, PoolFacts, PoolPlan, makes_directory, plan
from .pool_properties import PROPERTIES
from .usage import pool_users

ATTEMPTS = 3
"""How often a run that lost a race reads again and compares."""

SIZES = ("capacity", "allocation", "available")

Warn = Callable[[str], None]


def lookup(connection: Any, name: str) -> Any:
    """The pool (libvirt.virStoragePool), None where there is none of that name."""
    return find(connection.storagePoolLookupByName, name, NO_STORAGE_POOL, f"looking up pool {name}")


def look(connection: Any, name: str) -> tuple[Any, PoolFacts]:
    """The pool and what it is. A filtered list answers in one call what would be three questions about one pool."""
    persistent = libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_PERSISTENT
    for state, flag in (
        (ACTIVE, libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE),
        (INACTIVE, libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_INACTIVE),
    ):
        with explained("listing the pools"):
            found = [each for each in connection.listAllStoragePools(persistent | flag) if each.name() == name]
        if found:
            with explained(f"reading pool {name}"):
                return found[0], _facts(found[0], state, True)
    pool = lookup(connection, name)
    if pool is None:
        return None, PoolFacts()
    with explained(f"reading pool {name}"):
        return pool, _facts(pool, ACTIVE if pool.isActive() else INACTIVE, bool(pool.isPersistent()))


def _facts(pool: Any, state: str, persistent: bool) -> PoolFacts:
    stored = document.parse(inactive_xml(pool.XMLDesc, libvirt.VIR_STORAGE_XML_INACTIVE), "pool")
    live = document.parse(pool.XMLDesc(0), "pool") if state == ACTIVE else None
    sizes = sizes_of(stored if live is None else live)
    for name in SIZES:
        document.remove(stored, name)
    return PoolFacts(state, bool(pool.autostart()) if persistent else False, stored, live, persistent, sizes)


def sizes_of(element: Element) -> dict[str, int | None]:
    """The pool's sizes in bytes, as the last refresh found them."""
    return {name: int(document.get(element, name) or 0) for name in SIZES}


def describe(found: PoolFacts) -> dict[str, Any]:
    """The pool as modules return it, by its definition; empty where it is absent."""
    if found.document is None:
        return {}
    return {
        "name": document.get(found.document, "name"),
        "uuid": document.get(found.document, "uuid"),
        "state": found.state,
        "autostart": found.autostart,
        "persistent": found.persistent,
        **{name: found.sizes.get(name) for name in SIZES},
        **properties.read(PROPERTIES, found.document),
    }


def when_idle(pool: Any, action: Callable[[], Any], timeout: int, doing: str) -> None:
    """Do what libvirt refuses while it writes a volume of the pool; wait for the end of that."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            action()
        except libvirt.libvirtError as error:
            if error.get_error_domain() != FROM_STORAGE or "asynchronous jobs" not in error.get_error_message():
                raise explain(error, doing) from error
            if time.monotonic() > deadline:
                raise HypervisorError(
                    f"Pool {pool.name()} has been busy with other volumes for more than {timeout} s while {doing}:"
                    " run again, or give a longer timeout.",
                    "POOL_BUSY",
                ) from error
            time.sleep(0.2)
        else:
            return


def _apply(connection: Any, name: str, pool: Any, todo: PoolPlan, options: Mapping[str, Any]) -> None:
    """Carry the plan out."""
    if todo.redefines:
        pool = _define(connection, name, (todo.after if todo.after.state != ABSENT else todo.before).document)
    if todo.stops:
        when_idle(pool, pool.destroy, options["timeout"], f"stopping pool {name}")
    if todo.after.state == ABSENT:
        _remove(name, pool, todo)
        return
    if bool(todo.before.autostart) != bool(todo.after.autostart):
        with explained(f"setting autostart of pool {name}"):
            pool.setAutostart(int(bool(todo.after.autostart)))
    if makes_directory(todo) and options["build"]:
        with explained(f"making the directory of pool {name}"):
            pool.build(libvirt.VIR_STORAGE_POOL_BUILD_NEW)
    if todo.starts:
        with explained(f"starting pool {name}"):
            pool.create()


def _remove(name: str, pool: Any, todo: PoolPlan) -> None:
    if not (todo.before.persistent or todo.redefines):
        return  # It was gone when it stopped.
    if todo.removes_directory and not pool_directory.is_gone(pool, todo.before.document):
        with explained(f"removing the directory of pool {name}"):
            pool.delete(0)
    with explained(f"removing pool {name}"):
        pool.undefine()


def _define(connection: Any, name: str, element: Element) -> Any:
    """Define with validation, which catches what libvirt would silently drop; daemons before 7.7 have none."""
    text = document.to_text(element)
    with explained(f"defining pool {name}"):
        try:
            return connection.storagePoolDefineXML(text, getattr(libvirt, "VIR_STORAGE_POOL_DEFINE_VALIDATE", 1))
        except libvirt.libvirtError as error:
            unsupported = "unsupported flags" in error.get_error_message()
            if error.get_error_code() not in (INVALID_ARG, NO_SUPPORT) or not unsupported:
                raise
            return connection.storagePoolDefineXML(text, 0)


def _refuse(connection: Any, name: str, todo: PoolPlan, options: Mapping[str, Any], absent: Warn) -> None:
    """Refuse, also in check mode, what would fail half-way or hurt somebody."""
    if todo.removes_directory:
        pool_directory.refuse_full(connection, name, todo.before.document)
    if makes_directory(todo) and not options["build"]:
        pool_directory.refuse_missing(connection, name, todo.after.document, absent)
    if todo.redefines and todo.after.document is not None:
        refuse_taken(connection, name, todo.after.document)
    # The files of a directory stay where they are when its pool stops; other storage goes away with it.
    if (todo.restarts or (todo.stops and todo.before.live.get("type") != "dir")) and not options["force"]:
        users = pool_users(connection, name, document.get(todo.before.live, "target/path"))
        if users:
            raise HypervisorError(
                f"Pool {name} holds disks of running {', '.join(users)}: stop them first, or allow it with force.",
                "POOL_IN_USE",
                domains=users,
            )


def converge(connection: Any, options: Mapping[str, Any], check_mode: bool, warn: Warn) -> dict[str, Any]:
    """Make the pool what the options say (or tell what would be done); the module's result."""
    name = check_name("Pool", options["name"])
    # One run at a time reads, decides and writes: a redefinition would undo what another run did meanwhile.
    with nullcontext() if check_mode else libvirt_locked(options["timeout"], "the pools"):
        for attempt in range(1, ATTEMPTS + 1):
            pool, actual = look(connection, name)
            todo = plan(name, actual, options)
            _refuse(connection, name, todo, options, warn if check_mode else pool_directory.refuse)
            if check_mode or not (todo.changes or todo.forgets):
                break
            try:
                with todo.attempted(name):
                    _apply(connection, name, pool, todo, options)
                    now = look(connection, name)[1]
            except HypervisorError as error:
                # Somebody who takes no lock of ours was faster: read again and compare.
                if error.details.get("libvirt_code") not in {*ALREADY_THERE, NO_STORAGE_POOL} or attempt == ATTEMPTS:
                    raise
                continue
            todo = replace(todo, after=now)
            left = plan(name, todo.after, options).changes
            if not left:
                break
            if attempt == ATTEMPTS:
                raise _not_kept(name, left)
    found = todo.after
    return {**todo.result(name), "pool": describe(found), "restart_required": found.restart_required}


def _not_kept(name: str, left: Any) -> HypervisorError:
    paths = ", ".join(change.path for change in left)
    return HypervisorError(
        f"Pool {name} was written, but libvirt did not keep {paths}: see the details, and write it as libvirt does.",
        "NOT_KEPT",
        changes=[change.as_dict() for change in left],
    )
