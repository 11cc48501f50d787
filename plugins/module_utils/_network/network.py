# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Networks: what libvirt has, and the plan carried out. C(plan) decides."""

from __future__ import annotations

import tempfile
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, Mapping

from .._deps import libvirt
from .._errors import HypervisorError
from .._libvirt.connection import is_local
from .._libvirt.errors import ALREADY_THERE, NO_DOMAIN, NO_NETWORK, NO_SUPPORT, explain, explained
from .._libvirt.lookup import find, inactive_xml, unless_gone
from .._lock import locked
from .._names import check_name, stable_mac
from .._plan import ABSENT
from .._xml import document, properties
from . import conflicts, hosts
from .plan import ACTIVE, INACTIVE, NetworkFacts, NetworkPlan, plan
from .properties import PROPERTIES, parse

ATTEMPTS = 3
"""How often a run that lost a race reads again and compares."""

RunCommand = conflicts.RunCommand


def lookup(connection: Any, name: str) -> Any:
    """The network (libvirt.virNetwork), None where there is none of that name."""
    return find(connection.networkLookupByName, name, NO_NETWORK, f"looking up network {name}")


def facts(network: Any) -> NetworkFacts:
    """The network as libvirt has it."""
    if network is None:
        return NetworkFacts()
    with explained(f"reading network {network.name()}"):
        persistent, active = bool(network.isPersistent()), bool(network.isActive())
        live = parse(network.XMLDesc(0)) if active else None
        stored = parse(inactive_xml(network.XMLDesc, libvirt.VIR_NETWORK_XML_INACTIVE)) if persistent else live
        return NetworkFacts(ACTIVE if active else INACTIVE, bool(network.autostart()), stored, live, persistent)


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


def everything(connection: Any, name: str | None) -> list[dict[str, Any]]:
    """All networks, or the one of that name, with their leases."""
    if name is None:
        with explained("listing the networks"):
            handles = connection.listAllNetworks(0)
    else:
        handles = [lookup(connection, check_name("Network", name))]
    described = []
    for handle in filter(None, handles):
        with unless_gone():
            found = facts(handle)
            described.append({**describe(found), "restart_required": found.restart_required, "leases": leases(handle)})
    return sorted(described, key=lambda each: str(each["name"]))


def leases(network: Any) -> list[dict[str, Any]] | None:
    """Who has which address, None where the driver or the kind of network cannot tell."""
    try:
        found = network.DHCPLeases()
    except libvirt.libvirtError:
        return None
    return [
        {"mac": each["mac"], "ip": each["ipaddr"], "hostname": each["hostname"], "expiry": each["expirytime"]}
        for each in found
    ]


def apply(connection: Any, name: str, network: Any, todo: NetworkPlan) -> Any:
    """Carry the plan out; returns the network, None where it is gone."""
    before, after = todo.before, todo.after
    if after.state == ABSENT:
        _remove(name, network, todo)
        return None
    if todo.redefines:
        network = _define(connection, name, document.to_text(after.document))
    if todo.stops:
        with explained(f"stopping network {name}"):
            network.destroy()
    if before.document is not None:
        now = facts(network)
        hosts.apply(network, now.document, hosts.updates(now.document, now.live, todo.hosts, todo.absent_hosts))
    if bool(before.autostart) != bool(after.autostart):
        with explained(f"setting autostart of network {name}"):
            network.setAutostart(int(bool(after.autostart)))
    if after.state == ACTIVE and (before.state != ACTIVE or todo.stops):
        with explained(f"starting network {name}"):
            network.create()
    return network


def _remove(name: str, network: Any, todo: NetworkPlan) -> None:
    with explained(f"removing network {name}"):
        if todo.stops:
            network.destroy()
        if network.isPersistent():
            network.undefine()


def _define(connection: Any, name: str, text: str) -> Any:
    """Define with validation, which catches what libvirt would silently drop; daemons before 7.7 have none."""
    with explained(f"defining network {name}"):
        try:
            return connection.networkDefineXMLFlags(text, libvirt.VIR_NETWORK_DEFINE_VALIDATE)
        except AttributeError:
            return connection.networkDefineXML(text)
        except libvirt.libvirtError as error:
            if error.get_error_code() != NO_SUPPORT and "unsupported flags" not in error.get_error_message():
                raise
            return connection.networkDefineXML(text)


def users(connection: Any, name: str) -> list[str]:
    """The running domains that have a card on the network."""
    with explained("listing the running domains"):
        domains = connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE)
    found = []
    for domain in domains:
        try:
            element = document.parse(domain.XMLDesc(0), "domain")
        except libvirt.libvirtError as error:
            if error.get_error_code() == NO_DOMAIN:
                continue
            raise explain(error, f"reading domain {domain.name()}") from error
        sources = document.children(element, "devices/interface/source")
        if any(source.get("network") == name for source in sources):
            found.append(domain.name())
    return found


def _refuse_cutting_off(connection: Any, name: str, todo: NetworkPlan) -> None:
    """libvirt does not attach guests again when a network comes back: they stay without one until they restart."""
    cut_off = users(connection, name) if todo.stops else []
    if cut_off:
        raise HypervisorError(
            f"Network {name} is used by running {', '.join(cut_off)}, which would stay cut off from it even when it"
            " comes back: stop them first, or allow it with force: true.",
            "NETWORK_IN_USE",
            domains=cut_off,
        )


def _refuse_taken(connection: Any, name: str, todo: NetworkPlan, run_command: RunCommand) -> None:
    """Subnets and a bridge that the network does not have yet have to be free."""
    before, after = todo.before, todo.after
    if after.document is None or not todo.redefines:
        return
    had = [] if before.document is None else conflicts.subnets(before.document)
    new = [subnet for subnet in conflicts.subnets(after.document) if subnet not in had]
    own = None if before.document is None else conflicts.own_bridge(before.document)
    bridge = conflicts.own_bridge(after.document)
    if not new and bridge == own:
        return
    parties = conflicts.other_networks(connection, name)
    if is_local(connection):
        parties += conflicts.hypervisor(run_command, own)
    conflicts.check(name, new, None if bridge == own else bridge, parties)


def _lock(timeout: int) -> Any:
    """One run at a time reads, decides and writes: a redefinition would undo what another run did meanwhile."""
    runtime = Path("/run/libvirt")
    return locked(runtime if runtime.is_dir() else Path(tempfile.gettempdir()), timeout, "the networks")


def converge(connection: Any, options: Mapping[str, Any], check_mode: bool, run_command: RunCommand) -> dict[str, Any]:
    """Make the network what the options say (or tell what would be done); the module's result."""
    name = check_name("Network", options["name"])
    with explained("asking for the hypervisor's name"):
        new_mac = stable_mac("network", connection.getHostname(), name)
    with nullcontext() if check_mode else _lock(options["timeout"]):
        for attempt in range(1, ATTEMPTS + 1):
            network = lookup(connection, name)
            todo = plan(name, facts(network), options, new_mac)
            _refuse_taken(connection, name, todo, run_command)
            if not options["force"]:
                _refuse_cutting_off(connection, name, todo)
            if check_mode or not todo.changes:
                break
            try:
                with todo.attempted(name):
                    network = apply(connection, name, network, todo)
                    now = facts(network)
            except HypervisorError as error:
                # Somebody who takes no lock of ours was faster: read again and compare.
                if error.details.get("libvirt_code") not in {*ALREADY_THERE, NO_NETWORK} or attempt == ATTEMPTS:
                    raise
                continue
            todo = replace(todo, after=now)
            left = plan(name, todo.after, options, new_mac).changes
            if not left:
                break
            if attempt == ATTEMPTS:
                raise _not_kept(name, left)
    found = todo.after
    return {
        **todo.result(name),
        "network": describe(found),
        "restart_required": found.restart_required,
    }


def _not_kept(name: str, left: Any) -> HypervisorError:
    paths = ", ".join(change.path for change in left)
    return HypervisorError(
        f"Network {name} was written, but libvirt did not keep {paths}: see the details, and write it as libvirt does.",
        "NOT_KEPT",
        changes=[change.as_dict() for change in left],
    )
