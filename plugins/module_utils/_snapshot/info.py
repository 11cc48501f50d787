# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Reading snapshots of one domain or of all, each parsed once."""

from __future__ import annotations

from typing import Any

from .._deps import libvirt
from .._domain import domain as domains
from .._libvirt.errors import explained
from .._libvirt.lookup import unless_gone
from .._names import check_name
from . import disks, view


def everything(connection: Any, name: str | None) -> dict[str, Any]:
    """The snapshots of all domains, or of the one of that name, and the files of those domains' disks."""
    if name is None:
        with explained("listing the domains"):
            handles = connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT)
    else:
        handles = [domains.lookup(connection, check_name("Domain", name))]
    snapshots, chains = [], []
    for handle in sorted(filter(None, handles), key=lambda each: str(each.name())):
        with unless_gone():
            found, chain = _read(handle)
            snapshots += found
            chains.append(chain)
    return {"snapshots": snapshots, "chains": chains}


def _read(handle: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    listed = view.everything(handle)
    current = view.current(handle) if listed else None
    children: dict[str | None, list[str]] = {}
    for each in listed:
        children.setdefault(each.parent, []).append(each.name)
    described = [
        {
            "domain": handle.name(),
            **each.describe(),
            "children": children.get(each.name, []),
            "current": each.name == current,
        }
        for each in listed
    ]
    present = disks.read(view.definition(handle, live=True))
    chain = {target: disks.chain(each, listed) for target, each in present.items() if each.writable}
    return described, {"domain": handle.name(), "disks": chain}
