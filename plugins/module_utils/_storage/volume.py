# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Volumes: what libvirt has, and the plan carried out. C(volume_plan) decides."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Mapping

from .._deps import libvirt
from .._errors import HypervisorError
from .._libvirt.connection import is_local
from .._libvirt.errors import ALREADY_THERE, FROM_STORAGE, NO_STORAGE_VOL, STORAGE_VOL_EXIST, explain, explained
from .._libvirt.lookup import find
from .._names import check_name
from .._plan import ABSENT, Facts, Plan
from .._xml import document, properties
from .._xml.properties import Size
from . import pool as pools
from . import upload
from .usage import refuse_in_use
from .volume_plan import PRESENT, PROPERTIES, Origin, Place, plan

Warn = Callable[[str], None]

ATTEMPTS = 3
"""How often a run that lost a race reads again and compares."""

_VOLATILE = (
    "physical",
    "target/permissions",
    "target/timestamps",
    "backingStore/permissions",
    "backingStore/timestamps",
)
_ALLOCATION = Size("allocation", "allocation", unit="bytes")


def find_place(connection: Any, name: str, state: str, check_mode: bool, warn: Warn) -> Place:
    """The pool, which has to be active; in check mode an earlier task would have seen to that."""
    pool = pools.lookup(connection, check_name("Pool", name))
    if pool is None and state == ABSENT:
        return Place(name)
    with explained(f"reading pool {name}"):
        if pool is not None and pool.isActive():
            element = document.parse(pool.XMLDesc(0), "pool")
            return Place(name, element.get("type"), document.get(element, "target/path"), pool)
    problem = "does not exist" if pool is None else "is not active"
    if check_mode:
        warn(f"Pool {name} {problem} yet: predicting as if it were there and empty.")
        return Place(name)
    raise HypervisorError(
        f"Pool {name} {problem}: bring it up with mini.hypervisor.virt_pool first.",
        "POOL_NOT_FOUND" if pool is None else "POOL_INACTIVE",
        pool=name,
    )


def lookup(place: Place, name: str) -> Any:
    """The volume (libvirt.virStorageVol), None where there is none of that name."""
    if place.handle is None:
        return None
    return find(place.handle.storageVolLookupByName, name, NO_STORAGE_VOL, f"looking up volume {name}")


def facts(volume: Any) -> Facts:
    """The volume as libvirt has it, without what changes by itself."""
    if volume is None:
        return Facts()
    with explained(f"reading volume {volume.name()}"):
        element = document.parse(volume.XMLDesc(0), "volume")
    for path in _VOLATILE:
        document.remove(element, path)
    return Facts(PRESENT, None, element)


def describe(pool: str, element: Any) -> dict[str, Any]:
    """The volume with that document as modules return it; sizes in bytes."""
    if element is None:
        return {}
    path = document.get(element, "target/path")
    return {
        "name": document.get(element, "name"),
        "key": document.get(element, "key") or path,
        "path": path,
        "pool": pool,
        "type": element.get("type"),
        "allocation": _ALLOCATION.read(element),
        **properties.read(PROPERTIES, element),
    }


def find_origin(connection: Any, options: Mapping[str, Any], check_mode: bool, warn: Warn) -> Origin:
    """Look at what a new volume is made from, before anything is made."""
    source, backing = options.get("source"), options.get("backing")
    if source:
        return _find_source(connection, options, check_mode, warn)
    if not backing:
        return Origin()
    below = find(connection.storageVolLookupByPath, backing["path"], NO_STORAGE_VOL, "looking up the backing")
    if below is not None:
        found = properties.read(PROPERTIES, facts(below).document)
        return Origin(found["capacity"], found["format"])
    if check_mode and is_local(connection) and not Path(backing["path"]).exists():
        warn(f"Backing {backing['path']} does not exist yet: predicting as if it were there.")
    return Origin()


def _find_source(connection: Any, options: Mapping[str, Any], check_mode: bool, warn: Warn) -> Origin:
    source = Path(options["source"])
    if not is_local(connection):
        raise HypervisorError(
            f"Volume {options['name']}: an upload needs a local URI, because the finished copy is renamed in the"
            " pool's directory. Run the module on the hypervisor itself.",
            "UPLOAD_NEEDS_LOCAL",
        )
    if check_mode and not source.exists():
        warn(f"{source} does not exist yet: predicting as if it were there.")
        return Origin()
    image_format = options.get("format") or "qcow2"
    return Origin(upload.examine(source, image_format, options.get("checksum")), image_format)


def apply(place: Place, volume: Any, todo: Plan, options: Mapping[str, Any]) -> None:
    """Carry the plan out."""
    name, after = options["name"], todo.after
    if after.state == ABSENT:
        with explained(f"deleting volume {name}"):
            volume.delete(0)
    elif volume is None and not options.get("source"):
        with explained(f"creating volume {name}"):
            place.handle.createXML(document.to_text(after.document), 0)
    else:
        _grow(volume or _upload(place, after.document, options), after.document)


def _upload(place: Place, element: Any, options: Mapping[str, Any]) -> Any:
    final = Path(str(document.get(element, "target/path")))
    image_format = str(document.get(element, "target/format/@type"))
    if not upload.place(Path(options["source"]), final, image_format, options, options["timeout"]):
        # As libvirt says it for a volume that it would have made itself.
        raise HypervisorError(f"{final} already exists.", "EXISTS", libvirt_code=STORAGE_VOL_EXIST)
    refresh(place, options["timeout"])
    with explained(f"looking up the uploaded volume {options['name']}"):
        return place.handle.storageVolLookupByName(options["name"])


def _grow(volume: Any, element: Any) -> None:
    wanted = properties.read(PROPERTIES, element)["capacity"]
    if properties.read(PROPERTIES, facts(volume).document)["capacity"] < wanted:
        with explained(f"growing volume {volume.name()}"):
            volume.resize(wanted)


def refresh(place: Place, timeout: int) -> None:
    """Have libvirt look at the pool's files again; it refuses while it writes a volume there, so wait for that."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            place.handle.refresh(0)
        except libvirt.libvirtError as error:
            busy = error.get_error_domain() == FROM_STORAGE and "asynchronous jobs" in error.get_error_message()
            if not busy or time.monotonic() > deadline:
                raise explain(error, f"refreshing pool {place.pool}") from error
            time.sleep(0.2)
        else:
            return


def _guard(connection: Any, place: Place, todo: Plan) -> None:
    """Nothing is done to a volume below a running guest."""
    if todo.before.document is None or not todo.changes:
        return
    hint = "stop them first." if todo.after.state == ABSENT else "stop them first, or resize the disk of the guest."
    found = describe(place.pool, todo.before.document)
    refuse_in_use(connection, place.pool, found["name"], found["path"], hint)


def converge(connection: Any, options: Mapping[str, Any], check_mode: bool, warn: Warn) -> dict[str, Any]:
    """Make the volume what the options say (or tell what would be done); the module's result."""
    name = check_name("Volume", options["name"])
    place = find_place(connection, options["pool"], options["state"], check_mode, warn)
    for attempt in range(1, ATTEMPTS + 1):
        volume = lookup(place, name)
        made = volume is None and options["state"] == PRESENT
        origin = find_origin(connection, options, check_mode, warn) if made else Origin()
        todo = plan(place, facts(volume), options, origin)
        _guard(connection, place, todo)
        if check_mode or not todo.changes:
            break
        try:
            with todo.attempted(name):
                apply(place, volume, todo, options)
                now = facts(lookup(place, name))
        except HypervisorError as error:
            if error.details.get("libvirt_code") not in {*ALREADY_THERE, NO_STORAGE_VOL} or attempt == ATTEMPTS:
                raise
            refresh(place, options["timeout"])
        else:
            todo = replace(todo, after=now)
            break
    return {**todo.result(name), "volume": describe(place.pool, todo.after.document)}
