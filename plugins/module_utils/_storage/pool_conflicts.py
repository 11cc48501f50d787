# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Storage that is another pool's already. libvirt refuses it at define; check mode has to tell it too."""

from __future__ import annotations

from typing import Any

from .._errors import HypervisorError
from .._libvirt.errors import explained
from .._libvirt.lookup import unless_gone
from .._xml import document
from .._xml.document import Element
from .pool_stated import Kept, kept

_PLACES = {
    "dir": ("target/path",),
    "netfs": ("source/dir/@path", "source/host[0]/@name", "source/host[0]/@port"),
    "gluster": ("source/name", "source/dir/@path", "source/host[0]/@name", "source/host[0]/@port"),
    "scsi": ("source/adapter/@name", "source/adapter/@wwnn", "source/adapter/@wwpn"),
    "vstorage": ("source/name",),
    "mpath": (),
}
_DEVICES = ("fs", "logical", "disk", "zfs")
_HOSTED = ("netfs", "gluster", "iscsi")


def storage(element: Element) -> set[tuple[str, ...]]:
    """What a pool takes for itself, by libvirt's rules. Pure."""
    found = kept(element)
    kind = found.get("@type", "")
    if kind in _HOSTED and "source/host[1]/@name" in found:
        return set()  # libvirt compares pools of one host only
    if kind in _PLACES:
        return {(kind, *(found.get(path, "") for path in _PLACES[kind]))}
    if kind in _DEVICES:
        return {("device", path) for path in _device_paths(found)}
    if kind == "iscsi":
        target = [found.get(path, "") for path in (*_PLACES["netfs"][1:], "source/initiator/iqn/@name")]
        return {(kind, path, *target) for path in _device_paths(found)}
    return set()


def _device_paths(found: Kept) -> list[str]:
    return [value for path, value in found.items() if path.startswith("source/device[") and path.endswith("/@path")]


def refuse_taken(connection: Any, name: str, element: Element) -> None:
    """Fail where another pool, running or not, has the storage that the document names."""
    wanted = storage(element)
    with explained("listing the pools"):
        handles = connection.listAllStoragePools(0) if wanted else ()
    for handle in handles:
        if handle.name() != name:
            with unless_gone(), explained(f"reading pool {handle.name()}"):
                taken = wanted & storage(document.parse(handle.XMLDesc(0), "pool"))
                if taken:
                    what = next(filter(None, sorted(taken)[0][1:]), "the storage")
                    raise HypervisorError(
                        f"Pool {name}: {what} is that of pool {handle.name()} already: use that pool, or give"
                        " another place.",
                        "STORAGE_IN_USE",
                        storage=what,
                        other=handle.name(),
                    )
