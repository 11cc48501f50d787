# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Storage pools, the pure half: desired options to plan."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Mapping, Sequence, cast

from .._errors import HypervisorError
from .._plan import ABSENT, Facts, Plan, make_plan
from .._xml import document, properties
from .._xml.difference import Change, difference
from .._xml.document import Element
from .._xml.properties import LIVE
from .pool_properties import DIRECTORIES, PERMISSIONS, PROPERTIES, RESTART
from .pool_stated import differences

ACTIVE, INACTIVE = "active", "inactive"
IF_NEEDED = "if_needed"

_PENDING = "restart_required"
_NEEDED = {
    "dir": ("path",),
    "fs": ("path", "source.devices"),
    "netfs": ("path", "source.host", "source.dir"),
    "disk": ("path", "source.devices"),
}
"""Options without which a new pool of a kind cannot be."""


@dataclass(frozen=True)
class PoolFacts(Facts):
    """A pool as it is or shall be; C(live) is the document of the running one, C(sizes) are in bytes."""

    live: Any = None
    persistent: bool = True
    sizes: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def restart_required(self) -> bool:
        """Whether the running pool is not what its definition says."""
        return self.live is not None and bool(differences(self.document, self.live, learnt=True))


@dataclass(frozen=True)
class PoolPlan(Plan):
    """The way from C(before) to C(after)."""

    before: PoolFacts
    after: PoolFacts
    forgets: bool = False
    """True where libvirt shall forget what it learnt of a pool that a document describes and that stops now."""
    removes_directory: bool = False

    @property
    def redefines(self) -> bool:
        """True where the definition has to be written; libvirt removes a directory by the definition of its pool."""
        if self.after.state == ABSENT:
            return self.removes_directory and not self.before.persistent
        return self.forgets or any(change.path not in ("state", "autostart", _PENDING) for change in self.changes)

    @property
    def restarts(self) -> bool:
        return any(change.path == _PENDING for change in self.changes)

    @property
    def stops(self) -> bool:
        """True where a running pool is stopped, for good or for a moment."""
        return self.before.state == ACTIVE and (self.after.state != ACTIVE or self.restarts)

    @property
    def starts(self) -> bool:
        return self.after.state == ACTIVE and (self.before.state != ACTIVE or self.restarts)


def plan(name: str, actual: PoolFacts, options: Mapping[str, Any]) -> PoolPlan:
    """What has to change for the pool to be as the options say."""
    if options["state"] == ABSENT:
        return _removed(actual, options["remove_directory"])
    stated = _stated(name, actual, options)
    if stated is None:
        element, changes = _edited(name, actual, options)
    else:
        element, changes = stated, _stated_changes(stated, actual)
    _refuse_permissions(name, element, options)
    after, found = _states(actual, options, element, changes)
    made = make_plan(actual, after, found)
    todo = PoolPlan(actual, cast(PoolFacts, made.after), made.changes)
    forgets = stated is not None and todo.stops and after.state == INACTIVE
    return replace(todo, after=after, forgets=True) if forgets else todo


def _removed(actual: PoolFacts, with_directory: bool) -> PoolPlan:
    changes = list(make_plan(actual, PoolFacts(), []).changes)
    removes = bool(changes) and with_directory
    if removes:
        changes.append(Change("path", document.get(actual.document, "target/path"), None, LIVE))
    return PoolPlan(actual, PoolFacts(), changes, removes_directory=removes)


def _stated(name: str, actual: PoolFacts, options: Mapping[str, Any]) -> Element | None:
    """The document of the C(xml) option with the other options and the pool's UUID in it, None where there is none."""
    if options.get("xml") is None:
        return None
    element = document.parse(options["xml"], "pool")
    if (document.get(element, "name") or name) != name:
        raise HypervisorError(
            f"Pool {name}: xml is the document of pool {document.get(element, 'name')}: make the names equal.",
            "NAME_MISMATCH",
        )
    document.put(element, "name", name)
    properties.write(PROPERTIES, element, properties.normal(PROPERTIES, options))
    if actual.document is not None:
        uuid, own = document.get(element, "uuid"), str(document.get(actual.document, "uuid"))
        if uuid and uuid.lower() != own:
            raise HypervisorError(
                f"Pool {name} has UUID {own}, and xml says {uuid}: leave it out of xml, or remove the pool first.",
                "UUID_MISMATCH",
            )
        document.put(element, "uuid", own)
    return element


def _stated_changes(stated: Element, actual: PoolFacts) -> list[Change]:
    if actual.document is None:
        return difference(PROPERTIES, {}, properties.read(PROPERTIES, stated))
    return differences(stated, actual.document, learnt=actual.state == ACTIVE)


def _edited(name: str, actual: PoolFacts, options: Mapping[str, Any]) -> tuple[Element, list[Change]]:
    """The present document, or a new one, with the options in it, and what they change."""
    wanted = properties.normal(PROPERTIES, options)
    if actual.document is None:
        wanted.setdefault("type", "dir")
        _refuse_incomplete(name, wanted)
        if wanted["type"] == "logical":
            wanted["source"] = {"name": name, **wanted.get("source", {})}
        element = document.parse(f"<pool><name>{name}</name><target/></pool>")
    else:
        element = document.copy(actual.document)
    changes = difference(PROPERTIES, properties.read(PROPERTIES, element), wanted)
    properties.write(PROPERTIES, element, wanted)
    return element, changes


def _refuse_incomplete(name: str, wanted: Mapping[str, Any]) -> None:
    given = {*wanted, *(f"source.{member}" for member in wanted.get("source", ()))}
    missing = [option for option in _NEEDED.get(wanted["type"], ()) if option not in given]
    if missing:
        raise HypervisorError(
            f"Pool {name} does not exist: give {' and '.join(missing)} to define it as type {wanted['type']}.",
            "MISSING_OPTION",
        )


def _refuse_permissions(name: str, element: Element, options: Mapping[str, Any]) -> None:
    """Permissions are given to a directory that libvirt makes; elsewhere they are those that the storage has."""
    given = [item.name for item in PERMISSIONS if options.get(item.name) is not None]
    if given and (element.get("type") != "dir" or not options["build"]):
        raise HypervisorError(
            f"Pool {name}: {' and '.join(given)} can only be given to a pool of type dir with build: true:"
            " libvirt takes them from the storage otherwise.",
            "INVALID_OPTION",
        )


def _states(
    actual: PoolFacts, options: Mapping[str, Any], element: Element, changes: Sequence[Change]
) -> tuple[PoolFacts, list[Change]]:
    """What becomes of the running pool; adds the changes of that."""
    state, autostart, found = options["state"], options.get("autostart"), list(changes)
    if state == "present":
        state = INACTIVE if actual.state == ABSENT else actual.state
    if actual.document is not None and not actual.persistent:
        found.append(Change("persistent", False, True, LIVE))
    if actual.state != ACTIVE:
        found = [replace(change, applied=LIVE) for change in found]
    live = element if state == ACTIVE else None
    if actual.state == state == ACTIVE:
        if options["restart"] == IF_NEEDED and differences(element, actual.live, learnt=True):
            found.append(Change(_PENDING, True, False, RESTART))
        else:
            live = actual.live
    autostart = bool(actual.autostart) if autostart is None else autostart
    return PoolFacts(state, autostart, element, live, True, actual.sizes), found


def makes_directory(todo: PoolPlan) -> bool:
    """Whether starting the pool begins with making its directory; other kinds would be formatted."""
    return todo.starts and todo.after.document.get("type") in DIRECTORIES
