# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A whole C(<network>) document: what defining it would make of the network that there is. Pure."""

from __future__ import annotations

from typing import Iterable

from .._errors import HypervisorError
from .._xml import document, properties
from .._xml import stated as trees
from .._xml.difference import Change
from .._xml.document import Element
from .normal import normal
from .properties import FORWARD, HOSTS, HOSTS6, PROPERTIES, RESTART, parse
from .values import OWN_BRIDGE

_LABELS = {
    "forwarder": "@domain",
    "host": "@ip",
    "interface": "@dev",
    "ip": "@family",
    "portgroup": "@name",
    "range": "@start",
    "route": "@address",
    "srv": "@service",
    "txt": "@name",
}
"""What elements of a document are called by in paths, where there are several."""


def read(name: str, text: str, actual: Element | None) -> Element:
    """The stated document, which has to be about this network."""
    element = parse(text)
    if (document.get(element, "name") or name) != name:
        raise HypervisorError(
            f"Network {name}: xml is the document of network {document.get(element, 'name')}: make the names equal.",
            "NAME_MISMATCH",
        )
    document.put(element, "name", name)
    uuid = document.get(element, "uuid")
    if uuid and actual is not None and uuid.lower() != document.get(actual, "uuid"):
        raise HypervisorError(
            f"Network {name} has UUID {document.get(actual, 'uuid')}, and xml says {uuid}: leave the UUID out of xml,"
            " or remove the network first.",
            "UUID_MISMATCH",
        )
    try:
        properties.read(PROPERTIES, element)
    except ValueError as error:
        raise HypervisorError(
            f"Network {name}: xml has a value that libvirt would refuse: {error}.", "INVALID_XML"
        ) from error
    return element


def carry(stated: Element, present: Element) -> None:
    """Give the stated document the identity and the reservations of the network that there is, where it is silent."""
    own_bridges = FORWARD.read(stated) in OWN_BRIDGE and FORWARD.read(present) in OWN_BRIDGE
    for path in ("uuid", *(("mac/@address", "bridge/@name") if own_bridges else ())):
        value, said = document.get(present, path), document.get(stated, path)
        # libvirt chooses a name for a bridge where there is a %d in it.
        if value is not None and (not said or "%d" in said):
            document.put(stated, path, value)
    for hosts in (HOSTS, HOSTS6):
        _carry_hosts(hosts.path, stated, present)


def _carry_hosts(path: str, stated: Element, present: Element) -> None:
    """Add the reservations that collide with none of the document in MAC, name or address."""
    parent = document.find(stated, path.partition("/")[0])
    if parent is None or not parent.get("address"):
        return
    taken = {part for host in document.children(stated, path) for part in _parts(host)}
    for host in document.children(present, path):
        if taken.isdisjoint(_parts(host)):
            document.ensure(parent, "dhcp").append(document.copy(host))


def _parts(host: Element) -> Iterable[tuple[str, str]]:
    return {(name, host.get(name).lower()) for name in ("mac", "name", "ip", "id") if host.get(name)}


def same(one: Element, other: Element) -> bool:
    """Whether libvirt stores the same of two documents."""
    return trees.canonical(normal(one)) == trees.canonical(normal(other))


def differences(wanted: Element, present: Element) -> list[Change]:
    """In what libvirt would store another network of C(wanted) than of C(present)."""
    return trees.difference(normal(wanted), normal(present), RESTART, _LABELS)
