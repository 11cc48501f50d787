# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Networks as libvirt has them, in few calls: a filtered list answers several questions about all networks at once."""

from __future__ import annotations

from typing import Any

from .._deps import libvirt
from .._libvirt.errors import NO_NETWORK, explained
from .._libvirt.lookup import find, inactive_xml, unless_gone
from .._names import check_name
from .._xml import document, properties
from .._xml.document import Element
from .plan import ACTIVE, INACTIVE, NetworkFacts
from .properties import PROPERTIES, parse

_LISTS = (
    (ACTIVE, True, "ACTIVE", "PERSISTENT"),
    (INACTIVE, True, "INACTIVE"),  # an inactive network is always persistent
    (ACTIVE, False, "TRANSIENT"),
)
"""What is known of a network that is in one of these lists: its state, and whether it is persistent."""


def listed(connection: Any, *filters: str) -> list[Any]:
    """The networks (libvirt.virNetwork) of which all C(filters) are true."""
    flags = 0
    for word in filters:
        flags |= getattr(libvirt, f"VIR_CONNECT_LIST_NETWORKS_{word}")
    with explained("listing the networks"):
        return list(connection.listAllNetworks(flags))


def lookup(connection: Any, name: str) -> tuple[Any, NetworkFacts]:
    """The network and how it is; None where there is none of that name. At most six calls."""
    for state, persistent, *filters in _LISTS:
        for network in listed(connection, *filters):
            if network.name() == name:
                return network, facts(network, state, persistent)
    # It may have changed from one list to another meanwhile.
    network = find(connection.networkLookupByName, name, NO_NETWORK, f"looking up network {name}")
    if network is None:
        return None, NetworkFacts()
    with explained(f"reading network {name}"):
        state, persistent = ACTIVE if network.isActive() else INACTIVE, bool(network.isPersistent())
    return network, facts(network, state, persistent)


def facts(network: Any, state: str, persistent: bool, autostart: bool | None = None) -> NetworkFacts:
    """The rest about a network."""
    with explained(f"reading network {network.name()}"):
        if autostart is None:
            # libvirt starts no network at boot of which it keeps no definition.
            autostart = persistent and bool(network.autostart())
        live = parse(network.XMLDesc(0)) if state == ACTIVE else None
        return NetworkFacts(state, autostart, _stored(network) if persistent else live, live, persistent)


def _stored(network: Any) -> Element:
    return parse(inactive_xml(network.XMLDesc, libvirt.VIR_NETWORK_XML_INACTIVE))


def describe(found: NetworkFacts) -> dict[str, Any]:
    """The network as modules return it; empty where it is absent."""
    if found.document is None:
        return {}
    return {
        "name": document.get(found.document, "name"),
        "uuid": document.get(found.document, "uuid"),
        "state": found.state,
        "autostart": found.autostart,
        "persistent": found.persistent,
        **properties.read(PROPERTIES, found.document),
    }


def everything(connection: Any, name: str | None, details: bool) -> list[dict[str, Any]]:
    """All networks, or the one of that name.

    C(details) cost further calls: autostart one, whether a restart is required and the leases one each
    for each active network.
    """
    if name is not None:
        network, found = lookup(connection, check_name("Network", name))
        return [] if network is None else [_described(network, found, details)]
    persistent = {network.name(): network for network in listed(connection, "PERSISTENT")}
    active = {network.name(): network for network in listed(connection, "ACTIVE")}
    autostart = {network.name() for network in listed(connection, "AUTOSTART")} if details else ()
    described = []
    for each, network in sorted({**active, **persistent}.items()):
        state = ACTIVE if each in active else INACTIVE
        with unless_gone():
            if details:
                found = facts(network, state, each in persistent, each in autostart)
            else:
                with explained(f"reading network {each}"):
                    found = NetworkFacts(state, None, _stored(network), None, each in persistent)
            described.append(_described(network, found, details))
    return described


def _described(network: Any, found: NetworkFacts, details: bool) -> dict[str, Any]:
    return {
        **describe(found),
        "restart_required": found.restart_required if details else None,
        "leases": _leases(network, found.state) if details else None,
    }


def _leases(network: Any, state: str) -> list[dict[str, Any]] | None:
    """Who has which address, None where the driver or the kind of network cannot tell."""
    if state != ACTIVE:
        return []
    try:
        found = network.DHCPLeases()
    except libvirt.libvirtError:
        return None
    return [
        {"mac": each["mac"], "ip": each["ipaddr"], "hostname": each["hostname"], "expiry": each["expirytime"]}
        for each in found
    ]
