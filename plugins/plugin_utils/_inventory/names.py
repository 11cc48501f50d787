# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Names of hosts: those that the guests have, as long as they are safe and belong to one guest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...module_utils._errors import HypervisorError
from ...module_utils._names import check_name

Guest = Mapping[str, Any]
NAME, UUID, HOSTNAME = "name", "uuid", "hostname"
RESERVED = frozenset({"all", "ungrouped", "localhost", "127.0.0.1"})
"""Names that mean something else to Ansible. A guest must not become the controller."""


def host_names(guests: Sequence[Guest], kinds: Sequence[str], strict: bool, warn: Callable[[str], None]) -> list[str]:
    """A name for each guest, no two the same.

    Where guests of several hypervisors would have one name, all of them get their hypervisor's name as a suffix,
    so that a name does not change its bearer with the order of the hypervisors. In strict mode that is an error.
    """
    names = [_preferred(guest, kinds, warn) for guest in guests]
    if strict:
        _refuse_shared(guests, names)
    names = _replaced(names, lambda place: f"{names[place]}.{guests[place]['hypervisor']}")
    return _replaced(names, lambda place: _by_uuid(guests[place], names[place], warn))


def _preferred(guest: Guest, kinds: Sequence[str], warn: Callable[[str], None]) -> str:
    for kind in kinds:
        name = _hostname(guest) if kind == HOSTNAME else guest[kind]
        if name and _safe(name):
            return str(name)
    warn(
        f"Guest {guest['name']!r} of hypervisor {guest['hypervisor']} has no name that is safe for a host:"
        f" it is listed by its UUID, {guest['uuid']}."
    )
    return str(guest["uuid"])


def _hostname(guest: Guest) -> str:
    """The name by which the guest asked for the lease of the address that is taken."""
    found = [each for card in guest["interfaces"] for each in card["addresses"] if each["address"] == guest["address"]]
    return str(found[0]["hostname"]) if found else ""


def _safe(name: str) -> bool:
    try:
        return check_name("Host", name).lower() not in RESERVED
    except HypervisorError:
        return False


def _shared(names: Sequence[str]) -> set[str]:
    return {name for name, times in Counter(names).items() if times > 1}


def _replaced(names: Sequence[str], by: Callable[[int], str]) -> list[str]:
    """The names, those that more than one guest has replaced C(by) others."""
    shared = _shared(names)
    return [by(place) if name in shared else name for place, name in enumerate(names)]


def _refuse_shared(guests: Sequence[Guest], names: Sequence[str]) -> None:
    for shared in sorted(_shared(names)):
        bearers = [f"{guest['name']} on {guest['hypervisor']}" for guest, name in zip(guests, names) if name == shared]
        raise HypervisorError(
            f"{len(bearers)} guests would be the host {shared} ({', '.join(bearers)}): rename them, leave some out"
            " (exclude_guests), or allow a suffix (strict: false).",
            "DUPLICATE_HOST",
        )


def _by_uuid(guest: Guest, name: str, warn: Callable[[str], None]) -> str:
    warn(f"Several guests of hypervisor {guest['hypervisor']} call themselves {name}: they are listed by their UUIDs.")
    return f"{guest['uuid']}.{guest['hypervisor']}"
