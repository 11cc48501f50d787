# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Storage pools: desired options to plan, plan to libvirt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Mapping

from .._deps import libvirt
from .._errors import HypervisorError
from .._libvirt.errors import NO_STORAGE_POOL, explained
from .._libvirt.lookup import find, inactive_xml
from .._names import check_name
from .._plan import ABSENT, Facts, Plan, make_plan
from .._xml import document, properties
from .._xml.difference import difference
from .._xml.properties import NEXT_BOOT, RECREATE, Integer, Text

ACTIVE, INACTIVE = "active", "inactive"

PROPERTIES = (
    Text("type", "@type", RECREATE, {"choices": ["dir"]}),
    Text("path", "target/path", NEXT_BOOT),
    Text("mode", "target/permissions/mode", NEXT_BOOT),
    Integer("owner", "target/permissions/owner", NEXT_BOOT),
    Integer("group", "target/permissions/group", NEXT_BOOT),
)


def lookup(connection: Any, name: str) -> Any:
    """The pool (libvirt.virStoragePool), None where there is none of that name."""
    return find(connection.storagePoolLookupByName, name, NO_STORAGE_POOL, f"looking up pool {name}")


def facts(pool: Any) -> Facts:
    """The pool as libvirt has it."""
    if pool is None:
        return Facts()
    with explained(f"reading pool {pool.name()}"):
        flags = libvirt.VIR_STORAGE_XML_INACTIVE if pool.isPersistent() else 0
        return Facts(
            ACTIVE if pool.isActive() else INACTIVE,
            bool(pool.autostart()),
            document.parse(inactive_xml(pool.XMLDesc, flags), "pool"),
        )


def plan(name: str, actual: Facts, options: Mapping[str, Any]) -> Plan:
    """What has to change for the pool to be as the options say. Pure."""
    state = options["state"]
    if state == ABSENT:
        return make_plan(actual, Facts(), [])
    wanted = properties.normal(PROPERTIES, options)
    if actual.document is None:
        if "path" not in wanted:
            raise HypervisorError(f"Pool {name} does not exist: give path to define it.", "MISSING_OPTION")
        wanted.setdefault("type", "dir")
        element = document.parse(f"<pool><name>{name}</name></pool>")
    else:
        element = document.copy(actual.document)
    changes = difference(PROPERTIES, properties.read(PROPERTIES, element), wanted)
    properties.write(PROPERTIES, element, wanted)
    for change in changes:
        if change.applied == RECREATE and actual.document is not None:
            raise HypervisorError(
                f"Pool {name} has {change.path} {change.before}, and it cannot be changed to {change.after}:"
                " remove the pool (state: absent leaves its files) and define it anew.",
                "RECREATE_REQUIRED",
            )
    if state == "present":
        state = INACTIVE if actual.state == ABSENT else actual.state
    autostart = options.get("autostart")
    after = Facts(state, bool(actual.autostart) if autostart is None else autostart, element)
    return make_plan(actual, after, changes)


def apply(connection: Any, name: str, pool: Any, todo: Plan) -> Any:
    """Carry the plan out; returns the pool, None where it is gone."""
    before, after = todo.before, todo.after
    if after.state == ABSENT:
        _remove(name, pool, before)
        return None
    if todo.redefines:
        with explained(f"defining pool {name}"):
            pool = connection.storagePoolDefineXML(document.to_text(after.document))
    with explained(f"setting autostart of pool {name}"):
        if before.autostart != after.autostart:
            pool.setAutostart(int(bool(after.autostart)))
    if after.state == ACTIVE and before.state != ACTIVE:
        with explained(f"building the directory of pool {name}"):
            pool.build(libvirt.VIR_STORAGE_POOL_BUILD_NEW)
        with explained(f"starting pool {name}"):
            pool.create()
    elif after.state == INACTIVE and before.state == ACTIVE:
        with explained(f"stopping pool {name}"):
            pool.destroy()
    return pool


def _remove(name: str, pool: Any, before: Facts) -> None:
    with explained(f"removing pool {name}"):
        if before.state == ACTIVE:
            pool.destroy()
        pool.undefine()


def describe(pool: Any) -> dict[str, Any]:
    """The pool as modules return it; sizes in bytes."""
    if pool is None:
        return {}
    with explained("reading a pool"):
        _state, capacity, allocation, available = pool.info()
        found = facts(pool)
        return {
            "name": pool.name(),
            "uuid": pool.UUIDString(),
            "state": found.state,
            "autostart": found.autostart,
            "persistent": bool(pool.isPersistent()),
            "capacity": capacity,
            "allocation": allocation,
            "available": available,
            **properties.read(PROPERTIES, found.document),
        }


def converge(connection: Any, options: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """Make the pool what the options say (or tell what would be done); the module's result."""
    name = check_name("Pool", options["name"])
    pool = lookup(connection, name)
    todo = plan(name, facts(pool), options)
    if todo.changes and not check_mode:
        pool = apply(connection, name, pool, todo)
        todo = replace(todo, after=facts(pool))
    return {**todo.result(name), "pool": describe(pool)}
