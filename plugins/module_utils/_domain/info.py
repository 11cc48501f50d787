# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Reading domains: one list, each parsed once."""

from __future__ import annotations

from typing import Any

from .._libvirt.errors import explained
from .._libvirt.lookup import unless_gone
from .._names import check_name
from .domain import describe, facts, lookup
from .plan import differing


def everything(connection: Any, name: str | None) -> list[dict[str, Any]]:
    """All domains, or the one of that name, as the info module returns them."""
    if name is None:
        with explained("listing the domains"):
            handles = connection.listAllDomains(0)
    else:
        handles = [lookup(connection, check_name("Domain", name))]
    described = []
    for handle in filter(None, handles):
        with unless_gone():
            found = facts(handle, secure=False)
            pending = found.live is not None and found.persistent and bool(differing(found.live, found.document))
            described.append({**describe(found), "restart_required": pending})
    return sorted(described, key=lambda each: str(each["name"]))
