# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Pools and volumes as they are: listed by a fixed number of calls, then read by one call each."""

from __future__ import annotations

from typing import Any

from .._deps import libvirt
from .._errors import HypervisorError
from .._libvirt.errors import explained
from .._libvirt.lookup import unless_gone
from .._names import check_name
from .._xml import document
from . import places, pool
from .pool_plan import ACTIVE, INACTIVE, PoolFacts
from .volume_plan import PRESENT


def pools(connection: Any, name: str | None, with_volumes: bool, details: bool | None) -> list[dict[str, Any]]:
    """All pools, or the one of that name. C(details) are what takes one more call; None has them for one pool."""
    if name is None:
        found = _everything(connection, bool(details))
    else:
        found = [pool.look(connection, check_name("Pool", name))]
    described = []
    for handle, facts in found:
        if handle is not None:
            with unless_gone():
                read = _read(handle) if with_volumes and facts.state == ACTIVE else None
                described.append({**pool.describe(facts), **({"volumes": read} if with_volumes else {})})
    return sorted(described, key=lambda each: str(each["name"]))


def _everything(connection: Any, details: bool) -> list[tuple[Any, PoolFacts]]:
    """Every pool by lists, each of which tells what would be a question about each pool, and one dump of each."""
    with explained("listing the pools"):
        active = _by_name(connection.listAllStoragePools(libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE))
        persistent = _by_name(connection.listAllStoragePools(libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_PERSISTENT))
        started = libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_AUTOSTART
        autostart = _by_name(connection.listAllStoragePools(started)) if details else None
    found = []
    for name, handle in {**active, **persistent}.items():
        with unless_gone(), explained(f"reading pool {name}"):
            element = document.parse(handle.XMLDesc(0), "pool")
            state = ACTIVE if name in active else INACTIVE
            sizes = pool.sizes_of(element)
            starts = None if autostart is None else name in autostart
            found.append((handle, PoolFacts(state, starts, element, None, name in persistent, sizes)))
    return found


def _by_name(handles: Any) -> dict[str, Any]:
    return {handle.name(): handle for handle in handles}


def volumes(connection: Any, pool_name: str, name: str | None) -> list[dict[str, Any]]:
    """All volumes of a pool, or the one of that name."""
    place = places.find_place(connection, pool_name, PRESENT, False, _ignore)
    if name is None:
        try:
            return _read(place.handle)
        except HypervisorError as error:
            if places.is_inactive(error):
                raise places.inactive(pool_name) from error
            raise
    found = places.volume_facts(places.find_volume(place, check_name("Volume", name), False, _ignore)[1]).document
    return [] if found is None else [places.describe(pool_name, found)]


def _ignore(_warning: str) -> None:
    """Nothing is predicted, so nothing is warned of."""


def _read(handle: Any) -> list[dict[str, Any]]:
    with explained(f"listing the volumes of pool {handle.name()}"):
        listed = handle.listAllVolumes(0)
    found = []
    for each in listed:
        with unless_gone():
            found.append(places.describe(handle.name(), places.volume_facts(each).document))
    return sorted(found, key=lambda each: str(each["name"]))
