# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Reading snapshots of one domain or of all, each parsed once."""

from __future__ import annotations

from typing import Any, Sequence

from .._deps import libvirt
from .._domain import domain as domains
from .._libvirt.errors import explained
from .._libvirt.lookup import unless_gone
from .._names import check_name
from . import disks, view
from .model import Snapshot


def everything(connection: Any, name: str | None, details: bool | None) -> dict[str, Any]:
    """The snapshots of all domains, or of the one of that name, and the files of those domains' disks.

    C(details) are what takes two more calls for each domain; None has them for one domain.
    """
    details = name is not None if details is None else details
    if name is None:
        with explained("listing the domains"):
            handles = connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT)
    else:
        handles = [domains.lookup(connection, check_name("Domain", name))]
    snapshots, chains = [], []
    for handle in sorted(filter(None, handles), key=lambda each: str(each.name())):
        with unless_gone():
            listed = view.everything(handle)
            current = view.current(handle) if listed and details else None
            snapshots += [
                {**each, "current": each["name"] == current if details else None} for each in _described(handle, listed)
            ]
            chains += [_chains(handle, listed)] if details else []
    return {"snapshots": snapshots, "chains": chains if details else None}


def _described(handle: Any, listed: Sequence[Snapshot]) -> list[dict[str, Any]]:
    children: dict[str | None, list[str]] = {}
    for each in listed:
        children.setdefault(each.parent, []).append(each.name)
    return [{"domain": handle.name(), **each.describe(), "children": children.get(each.name, [])} for each in listed]


def _chains(handle: Any, listed: Sequence[Snapshot]) -> dict[str, Any]:
    present = disks.read(view.definition(handle, live=True))
    chain = {target: disks.chain(each, listed) for target, each in present.items() if each.writable}
    return {"domain": handle.name(), "disks": chain}
