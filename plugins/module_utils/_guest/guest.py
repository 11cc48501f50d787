# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A domain as one who waits for it sees it: state, cards, console log, leases."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from .._deps import libvirt
from .._errors import HypervisorError
from .._libvirt.errors import NO_DOMAIN, NO_NETWORK, explain, explained
from .._libvirt.lookup import find
from .._names import check_name
from .._network.leases import cards_on_networks
from .._xml import document

ABSENT, RUNNING, STARTING = "absent", "running", "starting"

# virDomainState and its reasons, as libvirt-domain.h numbers them.
_STATES = ("nostate", RUNNING, RUNNING, "paused", "shutting down", "shut off", "crashed", "suspended")
_REASONS = {
    RUNNING: (
        *("", "booted", "migrated", "restored", "from snapshot", "unpaused", "migration canceled", "save canceled"),
        *("woken up", "crashed", "postcopy", "postcopy failed"),
    ),
    "paused": (
        *("unknown", "user", "migration", "save", "dump", "ioerror", "watchdog", "from snapshot", "shutting down"),
        *("snapshot", "crashed", "starting up", "postcopy", "postcopy failed"),
    ),
    "shut off": (
        "unknown",
        "shutdown",
        "destroyed",
        "crashed",
        "migrated",
        "saved",
        "failed",
        "from snapshot",
        "daemon",
    ),
    "crashed": ("unknown", "panicked"),
}
UNBOOTED = {"migrated", "restored", "from snapshot"}
"""Reasons to run without a boot, of which the console therefore tells nothing."""

_PASSING = {"migration", "save", "dump", "snapshot", "starting up", "shutting down"}
"""Reasons of a pause that ends by itself."""


class Guest:
    """A domain and what its document says about the ways to it."""

    def __init__(self, connection: Any, name: str) -> None:
        self.name = check_name("Domain", name)
        self._connection = connection
        self._domain = find(connection.lookupByName, name, NO_DOMAIN, f"looking up domain {name}")
        self.exists = self._domain is not None
        self.console_log: str | None = None
        self.read_only_disks: list[str] = []
        """The files of disks that it cannot write, of which one is its seed."""
        self._cards: list[tuple[str, str]] = []
        if self.exists:
            with explained(f"reading domain {name}"):
                element = document.parse(self._domain.XMLDesc(0), "domain")
            paths = ("devices/serial/log/@file", "devices/console/log/@file")
            self.console_log = next(filter(None, (document.get(element, path) for path in paths)), None)
            self.read_only_disks = _read_only_disks(element)
            self._cards = cards_on_networks(element)

    @property
    def domain(self) -> Any:
        """libvirt's own handle."""
        return self._domain

    @property
    def on_network(self) -> bool:
        """Whether a card is on a libvirt network, whose leases can be asked for."""
        return bool(self._cards)

    def state(self) -> tuple[str, str]:
        """The domain's state and the reason."""
        if not self.exists:
            return ABSENT, ""
        try:
            number, reason = self._domain.state()
        except libvirt.libvirtError as error:
            if error.get_error_code() == NO_DOMAIN:
                return ABSENT, ""
            raise explain(error, f"reading the state of domain {self.name}") from error
        state = _STATES[number] if number < len(_STATES) else f"state {number}"
        reasons = _REASONS.get(state, ())
        name = reasons[reason] if reason < len(reasons) else ""
        return (STARTING if state == "paused" and name in _PASSING else state), name

    def lease(self) -> dict[str, Any] | None:
        """The newest IPv4 lease of the domain's cards that has not expired."""
        found = [lease for network, mac in self._cards for lease in self._leases(network, mac)]
        return max(found, key=lambda each: each["expiry"] or float("inf"), default=None)

    def reserves(self, address: str) -> bool:
        """Whether a libvirt network gives the address to one of the domain's cards by DHCP, and to no one else."""
        return bool(self._reserving(address))

    def holder(self, address: str) -> dict[str, Any] | None:
        """The lease that somebody else has of an address that is reserved for the domain.

        Until it ends, the network gives the domain another address.
        """
        leases = [(mac, lease) for network, mac in self._reserving(address) for lease in self._leases(network)]
        others = [lease for mac, lease in leases if lease["ip"] == address and lease["mac"].lower() != mac.lower()]
        return others[0] if others else None

    def _reserving(self, address: str) -> list[tuple[str, str]]:
        """The cards for which their network reserves the address."""
        return [card for card in self._cards if (card[1].lower(), address) in self._reservations(card[0])]

    def _leases(self, network: str, mac: str | None = None) -> list[dict[str, Any]]:
        """The IPv4 leases of a network, or of one card on it, that have not expired."""
        try:
            found = self._connection.networkLookupByName(network).DHCPLeases(mac)
        except libvirt.libvirtError:
            return []  # The network is stopped, or of a kind without leases.
        return [
            {"mac": each["mac"], "ip": each["ipaddr"], "hostname": each["hostname"], "expiry": each["expirytime"]}
            for each in found
            if each["type"] == libvirt.VIR_IP_ADDR_TYPE_IPV4
            and (not each["expirytime"] or each["expirytime"] > time.time())
        ]

    def _reservations(self, name: str) -> set[tuple[str, str]]:
        """MAC and IP address of each reservation of a network; none where the network is gone."""
        network = find(self._connection.networkLookupByName, name, NO_NETWORK, f"looking up network {name}")
        if network is None:
            return set()
        with explained(f"reading network {name}"):
            element = document.parse(network.XMLDesc(0), "network")
        return {(host.get("mac", "").lower(), host.get("ip", "")) for host in element.iterfind("ip/dhcp/host")}

    def started(self) -> float | None:
        """When QEMU was started, by its PID file; None where libvirt keeps none here."""
        try:
            return Path("/run/libvirt/qemu", f"{self.name}.pid").stat().st_mtime
        except OSError:
            return None


def _read_only_disks(element: Any) -> list[str]:
    disks = document.children(element, "devices/disk")
    files = [document.get(disk, "source/@file") for disk in disks if disk.find("readonly") is not None]
    return [file for file in files if file]


def absent(name: str) -> HypervisorError:
    """The failure where there is nothing to wait for."""
    return HypervisorError(f"There is no domain {name}: define and start it first.", "NOT_FOUND", name=name)
