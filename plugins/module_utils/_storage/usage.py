# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Which running guests use a volume or a pool, so that nothing is taken away below them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator

from .._deps import libvirt
from .._errors import HypervisorError
from .._libvirt.errors import NO_DOMAIN, explain, explained
from .._xml import document
from .._xml.document import Element


@dataclass(frozen=True)
class Use:
    """A running guest that has a volume."""

    domain: Any
    """libvirt.virDomain"""
    name: str
    target: str | None
    """The disk that is the volume, such as C(vda); None where the volume lies below a disk, or is a CD-ROM."""
    writes: bool


def disks_on(domain: Element, pool: str, name: str, path: str) -> list[tuple[str | None, bool]]:
    """Target and whether the guest writes, of each disk of a live document that has the volume. Pure."""
    found: list[tuple[str | None, bool]] = []
    for disk in document.children(domain, "devices/disk"):
        for source in disk.iter("source"):
            if path in (source.get("file"), source.get("dev")) or _place(source) == (pool, name):
                top = source.getparent() is disk and disk.get("device", "disk") == "disk"
                found.append(
                    (document.get(disk, "target/@dev") if top else None, top and disk.find("readonly") is None)
                )
    return found


def _place(source: Element) -> tuple[str | None, str | None]:
    return source.get("pool"), source.get("volume")


def volume_uses(connection: Any, pool: str, name: str, path: str) -> list[Use]:
    """Every use of the volume by a running guest."""
    return [
        Use(domain, domain.name(), *disk)
        for domain, element in _running(connection)
        for disk in disks_on(element, pool, name, path)
    ]


def pool_users(connection: Any, pool: str, path: str | None) -> list[str]:
    """The running guests that have a disk on the pool, which appears at C(path)."""
    return [
        domain.name()
        for domain, element in _running(connection)
        if any(_lies_on(source, pool, path) for source in element.iterfind("devices/disk//source"))
    ]


def _lies_on(source: Element, pool: str, path: str | None) -> bool:
    place = source.get("file") or source.get("dev") or ""
    return source.get("pool") == pool or (path is not None and place.startswith(f"{path}/"))


def refuse_use(pool: str, name: str, uses: list[Use], hint: str) -> None:
    """Fail where somebody uses the volume; C(hint) says what to do instead."""
    users = sorted({use.name for use in uses})
    if users:
        raise HypervisorError(
            f"Volume {name} of pool {pool} is used by running {', '.join(users)}: {hint}",
            "VOLUME_IN_USE",
            domains=users,
        )


def _running(connection: Any) -> Iterator[tuple[Any, Element]]:
    with explained("listing the running domains"):
        domains = connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE)
    for domain in domains:
        text = _live_xml(domain)
        if text is not None:
            yield domain, document.parse(text, "domain")


def _live_xml(domain: Any) -> str | None:
    """The live document, None where the guest ended meanwhile."""
    try:
        return str(domain.XMLDesc(0))
    except libvirt.libvirtError as error:
        if error.get_error_code() == NO_DOMAIN:
            return None
        raise explain(error, f"reading domain {domain.name()}") from error
