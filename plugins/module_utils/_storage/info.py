# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Pools and volumes as they are: each listed by one call, then read by one call each."""

from __future__ import annotations

from typing import Any

from .._libvirt.errors import explained
from .._libvirt.lookup import unless_gone
from .._names import check_name
from . import pool, volume
from .volume_plan import PRESENT


def pools(connection: Any, name: str | None, with_volumes: bool) -> list[dict[str, Any]]:
    """All pools, or the one of that name."""
    if name is None:
        with explained("listing the pools"):
            handles = connection.listAllStoragePools(0)
    else:
        handles = [pool.lookup(connection, check_name("Pool", name))]
    found = []
    for handle in filter(None, handles):
        with unless_gone():
            described = pool.describe(handle)
            if with_volumes:
                described["volumes"] = _read(handle) if described["state"] == pool.ACTIVE else None
            found.append(described)
    return sorted(found, key=lambda each: str(each["name"]))


def volumes(connection: Any, pool_name: str, name: str | None) -> list[dict[str, Any]]:
    """All volumes of a pool, or the one of that name."""
    place = volume.find_place(connection, pool_name, PRESENT, False, lambda _text: None)
    if name is None:
        return _read(place.handle)
    found = volume.facts(volume.lookup(place, check_name("Volume", name))).document
    return [] if found is None else [volume.describe(pool_name, found)]


def _read(handle: Any) -> list[dict[str, Any]]:
    with explained(f"listing the volumes of pool {handle.name()}"):
        listed = handle.listAllVolumes(0)
    found = []
    for each in listed:
        with unless_gone():
            found.append(volume.describe(handle.name(), volume.facts(each).document))
    return sorted(found, key=lambda each: str(each["name"]))
