# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What stands against a guest in what is asked for, before anybody is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .plan import ALWAYS, IF_NEEDED, NEVER, recreate_when

_DOMAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,62}")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_LEAST_MEMORY, _LEAST_DISK = 128 << 20, 2 << 30


def problems(place: Mapping[str, Any]) -> list[str]:
    """A sentence for each."""
    return [*_of_its_place(place), *_of_its_options(place)]


def _of_its_place(place: Mapping[str, Any]) -> Iterator[str]:
    name, host, user = place["guest"]["name"], place["hostname"], place["user"]
    if not place["known_hypervisor"]:
        yield (
            f"The guest {place['inventory_hostname']} lives on {place['hypervisor']}, which is not in the inventory:"
            " put it there, or set guest_hypervisor."
        )
    if not (_DOMAIN.fullmatch(name) and _HOST.fullmatch(host) and _USER.fullmatch(user)):
        yield (
            f"guest_name {name!r}, guest_hostname {host!r} or guest_user {user!r} is not safe: use letters, digits and"
            " '-' ('.', '_', '+' in guest_name), and start with a letter or digit."
        )
    if place["address"] and place["addresses"]:
        yield (
            f"The guest {name} cannot have both guest_address, which it gets by DHCP, and guest_addresses, which are"
            " fixed: take one away."
        )
    if place["session"] and (place["address"] or place["addresses"]):
        yield (
            f"The guest {name} at {place['uri']} cannot have an address of its own: it is reached at 127.0.0.1, port"
            f" {place['guest']['ssh_port']} (guest_ssh_port). Take guest_address and guest_addresses away, or let"
            " qemu:///system run it."
        )


def _of_its_options(place: Mapping[str, Any]) -> Iterator[str]:
    name = place["guest"]["name"]
    if recreate_when(place["recreate"]) not in (NEVER, IF_NEEDED, ALWAYS):
        yield f"guest_recreate is {place['recreate']!r}: say never, if_needed or always."
    if place["from"] == "saved" and (place["session"] or place["addresses"]):
        yield (
            f"The guest {name} cannot start from a saved machine: that needs qemu:///system, and an address by DHCP"
            " (guest_address instead of guest_addresses). Use guest_from: image."
        )
    if place["vcpus"] < 1 or place["memory"] < _LEAST_MEMORY or place["disk_size"] < _LEAST_DISK:
        yield (
            f"The guest {name} cannot have {place['vcpus']} vCPUs, {place['memory'] >> 20} MiB of memory and a disk of"
            f" {place['disk_size'] >> 20} MiB: it needs 1 vCPU, 128MiB and 2GiB at least."
        )
    if place["image_profile"] == "lean" and place["ignored"]:
        yield (
            f"The guest {name} asks for {', '.join(place['ignored'])}, which the first boot of a lean image would leave"
            " undone: use guest_image_profile: stock, or take it away."
        )
