# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Where a volume is, and what it is: as few calls as can be."""

from __future__ import annotations

from typing import Any, Callable

from .._errors import HypervisorError
from .._libvirt.errors import NO_STORAGE_VOL, OPERATION_INVALID, explained
from .._libvirt.lookup import find
from .._names import check_name
from .._plan import ABSENT, Facts
from .._xml import document, properties
from .._xml.properties import Size
from . import pool as pools
from .volume_plan import PRESENT, Place
from .volume_properties import PROPERTIES

Warn = Callable[[str], None]

_VOLATILE = (
    "physical",
    "target/permissions",
    "target/timestamps",
    "backingStore/permissions",
    "backingStore/timestamps",
)
_ALLOCATION = Size("allocation", "allocation", unit="bytes")


def find_place(connection: Any, name: str, state: str, check_mode: bool, warn: Warn) -> Place:
    """The pool; in check mode an earlier task would have made it."""
    pool = pools.lookup(connection, check_name("Pool", name))
    if pool is None and state != ABSENT:
        _say_missing(name, "does not exist", "POOL_NOT_FOUND", check_mode, warn)
    return Place(name, handle=pool)


def find_volume(place: Place, name: str, check_mode: bool, warn: Warn) -> tuple[Place, Any]:
    """The volume (libvirt.virStorageVol), None where there is none; an inactive pool has none that libvirt knows."""
    try:
        return place, lookup(place, name)
    except HypervisorError as error:
        if not is_inactive(error):
            raise
    _say_missing(place.pool, "is not active", "POOL_INACTIVE", check_mode, warn)
    return Place(place.pool), None


def is_inactive(error: HypervisorError) -> bool:
    """Whether libvirt refused a question about volumes because the pool does not run."""
    return error.details.get("libvirt_code") == OPERATION_INVALID


def inactive(name: str) -> HypervisorError:
    """What to say then."""
    return _missing(name, "is not active", "POOL_INACTIVE")


def _missing(name: str, problem: str, code: str) -> HypervisorError:
    return HypervisorError(f"Pool {name} {problem}: bring it up with mini.hypervisor.virt_pool first.", code, pool=name)


def _say_missing(name: str, problem: str, code: str, check_mode: bool, warn: Warn) -> None:
    if not check_mode:
        raise _missing(name, problem, code)
    warn(f"Pool {name} {problem} yet: predicting as if it were there and empty.")


def with_directory(place: Place) -> Place:
    """The pool with what only a new volume has to know of it."""
    if place.handle is None:
        return place
    with explained(f"reading pool {place.pool}"):
        element = document.parse(place.handle.XMLDesc(0), "pool")
    return Place(place.pool, element.get("type"), document.get(element, "target/path"), place.handle)


def lookup(place: Place, name: str) -> Any:
    """The volume (libvirt.virStorageVol), None where there is none of that name."""
    if place.handle is None:
        return None
    return find(place.handle.storageVolLookupByName, name, NO_STORAGE_VOL, f"looking up volume {name}")


def volume_facts(volume: Any) -> Facts:
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


def refresh(place: Place, timeout: int) -> None:
    """Have libvirt look at the pool's files again."""
    pools.when_idle(place.handle, lambda: place.handle.refresh(0), timeout, f"refreshing pool {place.pool}")
