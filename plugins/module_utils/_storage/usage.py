# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Which running guests use a file, so that it is neither resized nor deleted below them."""

from __future__ import annotations

from typing import Any

from .._deps import libvirt
from .._errors import HypervisorError
from .._libvirt.errors import NO_DOMAIN, explain, explained
from .._xml import document


def uses(domain: Any, pool: str, name: str, path: str) -> bool:
    """Whether the live document of a domain has the volume as a disk, or below one. Pure."""
    return any(
        path in (source.get("file"), source.get("dev")) or (source.get("pool"), source.get("volume")) == (pool, name)
        for disk in document.children(domain, "devices/disk")
        for source in disk.iter("source")
    )


def refuse_in_use(connection: Any, pool: str, name: str, path: str, hint: str) -> None:
    """Fail where a running guest uses the volume; C(hint) says what to do instead."""
    users = [
        domain.name()
        for domain in _running(connection)
        if (xml := _live_xml(domain)) and uses(document.parse(xml), pool, name, path)
    ]
    if users:
        raise HypervisorError(
            f"Volume {name} of pool {pool} is used by running {', '.join(users)}: {hint}",
            "VOLUME_IN_USE",
            domains=users,
        )


def _running(connection: Any) -> Any:
    with explained("listing the running domains"):
        return connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE)


def _live_xml(domain: Any) -> str | None:
    """The live document, None where the guest ended meanwhile."""
    try:
        return str(domain.XMLDesc(0))
    except libvirt.libvirtError as error:
        if error.get_error_code() == NO_DOMAIN:
            return None
        raise explain(error, f"reading domain {domain.name()}") from error
