# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""DHCP reservations, the one part of a network that changes while guests are on it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Interface, ip_address
from typing import Any, Iterable, Mapping, Sequence

from .._deps import libvirt
from .._libvirt.errors import explained
from .._xml import document, properties
from .._xml.document import Element
from .properties import ADDRESS, HOSTS, hosts

Host = Mapping[str, Any]


@dataclass(frozen=True)
class Update:
    """One networkUpdate: of the stored document, of the running network, or of both at once."""

    removes: bool
    host: tuple[tuple[str, str], ...]
    """What the reservation has: mac, and where it is added ip and name."""
    config: bool
    live: bool


def updates(config: Element, live: Element | None, wanted: Sequence[Host], absent: Iterable[str]) -> list[Update]:
    """The updates after which both documents have the wanted reservations and none of the absent. Pure.

    A changed reservation is removed and added: libvirt's own command to modify one takes whatever
    entry has the MAC or the address, and so may overwrite that of another guest.
    """
    stored = _steps(config, wanted, absent)
    running = [] if live is None else _steps(live, wanted, absent)
    steps = sorted({*stored, *running}, key=lambda step: (not step[0], step[1]))
    return [Update(removes, host, (removes, host) in stored, (removes, host) in running) for removes, host in steps]


def _steps(element: Element, wanted: Sequence[Host], absent: Iterable[str]) -> list[tuple[bool, Any]]:
    present = hosts(element)
    steps: list[tuple[bool, Any]] = [(True, (("mac", mac),)) for mac in absent if mac in present]
    for host in wanted:
        old = present.get(host["mac"])
        new = merged(old, host)
        if new != old and _fits(element, host["ip"]):
            if old is not None:
                steps.append((True, (("mac", host["mac"]),)))
            steps.append((False, tuple((name, value) for name, value in new.items() if value is not None)))
    return steps


def merged(old: Host | None, new: Host) -> dict[str, Any]:
    """A reservation with what the new one says; what it is silent on stays."""
    empty = {item.name: None for item in HOSTS.properties}
    return {**empty, **(old or {}), **{name: value for name, value in new.items() if value is not None}}


def _fits(element: Element, address: str) -> bool:
    """False where the running network still serves another subnet than the stored one."""
    bridge = ADDRESS.read(element)
    return bridge is not None and ip_address(address) in IPv4Interface(bridge).network


def apply(network: Any, config: Element, todo: Iterable[Update]) -> None:
    """Send the updates to libvirt."""
    families = [ip.get("family") for ip in document.children(config, "ip")]
    for update in todo:
        values = dict(update.host)
        element = document.parse("<host/>")
        properties.write(HOSTS.properties, element, values)
        command = (
            libvirt.VIR_NETWORK_UPDATE_COMMAND_DELETE if update.removes else libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_LAST
        )
        flags = (libvirt.VIR_NETWORK_UPDATE_AFFECT_CONFIG if update.config else 0) | (
            libvirt.VIR_NETWORK_UPDATE_AFFECT_LIVE if update.live else 0
        )
        with explained(f"updating the DHCP host {values['mac']} of network {network.name()}"):
            network.update(
                command,
                libvirt.VIR_NETWORK_SECTION_IP_DHCP_HOST,
                families.index("ipv4"),
                document.to_text(element),
                flags,
            )
