# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Networks: the plan carried out. C(facts) tells what libvirt has, C(plan) decides."""

from __future__ import annotations

import tempfile
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, Mapping

from .._deps import libvirt
from .._errors import HypervisorError
from .._libvirt.connection import is_local
from .._libvirt.errors import ALREADY_THERE, NO_NETWORK, NO_SUPPORT, explained
from .._lock import locked
from .._names import check_name, stable_mac
from .._plan import ABSENT
from .._xml import document
from . import conflicts, guests, updates
from .conflicts import RunCommand
from .facts import describe, lookup
from .plan import NetworkPlan, plan

ATTEMPTS = 3
"""How often a run that lost a race reads again and compares."""


def converge(connection: Any, options: Mapping[str, Any], check_mode: bool, run_command: RunCommand) -> dict[str, Any]:
    """Make the network what the options say (or tell what would be done); the module's result."""
    name = check_name("Network", options["name"])

    def new_mac() -> str:
        with explained("asking for the hypervisor's name"):
            return stable_mac("network", connection.getHostname(), name)

    with nullcontext() if check_mode else _lock(options["timeout"]):
        for attempt in range(1, ATTEMPTS + 1):
            network, found = lookup(connection, name)
            todo = plan(name, found, options, new_mac)
            _refuse_taken(connection, name, todo, run_command)
            cards = guests.cards(connection, name) if todo.interrupts else []
            if todo.stops and cards and not options["force"]:
                raise _cutting_off(name, guests.names(cards))
            if check_mode or not todo.changes:
                break
            try:
                with todo.attempted(name):
                    apply(connection, name, network, todo)
                    _plug_in(connection, name, todo, cards, run_command)
                    now = lookup(connection, name)[1]
            except HypervisorError as error:
                # Somebody who takes no lock of ours was faster: read again and compare.
                if error.details.get("libvirt_code") not in {*ALREADY_THERE, NO_NETWORK} or attempt == ATTEMPTS:
                    raise
                continue
            todo = replace(todo, after=now)
            left = plan(name, now, options, new_mac).changes
            if not left:
                break
            if attempt == ATTEMPTS:
                raise _not_kept(name, left)
    return {
        **todo.result(name),
        "network": describe(todo.after),
        "restart_required": todo.after.restart_required,
    }


def apply(connection: Any, name: str, network: Any, todo: NetworkPlan) -> None:
    """Carry the plan out, smallest step first."""
    before, after = todo.before, todo.after
    if after.state == ABSENT:
        _remove(name, network, todo)
        return
    if todo.defines:
        network = _define(connection, name, document.to_text(after.document))
    if todo.stops:
        with explained(f"stopping network {name}"):
            network.destroy()
    updates.apply(network, todo.updates)
    if bool(before.autostart) != bool(after.autostart):
        with explained(f"setting autostart of network {name}"):
            network.setAutostart(int(bool(after.autostart)))
    if todo.starts:
        with explained(f"starting network {name}"):
            network.create()


def _remove(name: str, network: Any, todo: NetworkPlan) -> None:
    with explained(f"removing network {name}"):
        if todo.stops:
            network.destroy()
        if todo.before.persistent:
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


def _cutting_off(name: str, users: list[str]) -> HypervisorError:
    return HypervisorError(
        f"Network {name} is used by running {', '.join(users)}, which would lose it: stop them first, or allow it with"
        " force: true.",
        "NETWORK_IN_USE",
        domains=users,
    )


def _plug_in(connection: Any, name: str, todo: NetworkPlan, cards: list[guests.Card], run_command: RunCommand) -> None:
    """Bring guests that still run back to a bridge that was made anew, where this machine is the hypervisor."""
    element = todo.after.document
    bridge = conflicts.own_bridge(element) if todo.starts else None
    if bridge is not None and is_local(connection):
        guests.plug_in(run_command, name, bridge, cards, document.get(element, "port/@isolated") == "yes")


def _refuse_taken(connection: Any, name: str, todo: NetworkPlan, run_command: RunCommand) -> None:
    """Subnets, a bridge and its MAC address that the network does not have yet have to be free."""
    if todo.after.document is None or not todo.defines:
        return
    had = conflicts.Claim() if todo.before.document is None else conflicts.claim(todo.before.document)
    new = conflicts.claim(todo.after.document).without(had)
    if new == conflicts.Claim():
        return
    parties = conflicts.other_networks(connection, name)
    if is_local(connection):
        parties += conflicts.hypervisor(run_command, had.bridge)
    conflicts.check(name, new, parties)


def _lock(timeout: int) -> Any:
    """One run at a time reads, decides and writes: a redefinition would undo what another run did meanwhile."""
    runtime = Path("/run/libvirt")
    return locked(runtime if runtime.is_dir() else Path(tempfile.gettempdir()), timeout, "the networks")


def _not_kept(name: str, left: Any) -> HypervisorError:
    paths = ", ".join(change.path for change in left)
    return HypervisorError(
        f"Network {name} was written, but libvirt did not keep {paths}: see the details, and write it as libvirt does.",
        "NOT_KEPT",
        changes=[change.as_dict() for change in left],
    )
