# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What a guest becomes in an inventory: variables and groups."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .hypervisors import Hypervisor

Guest = Mapping[str, Any]


def facts(guest: Guest) -> dict[str, Any]:
    """What is known of the guest, as variables. Much of it is text that others chose."""
    return {f"virt_{name}": value for name, value in guest.items()}


def connection(guest: Guest, hypervisor: Hypervisor, host: str) -> dict[str, str]:
    """How Ansible reaches the guest."""
    variables = {"ansible_host": guest["address"]} if guest["address"] else {}
    if hypervisor.jump:
        # Private addresses repeat from hypervisor to hypervisor. Without names of their own, one guest would get the
        # commands of another over its kept connection, and its host key would be taken for a forged one.
        kept = hashlib.sha256(f"{hypervisor.uri} {guest['uuid']}".encode()).hexdigest()[:10]
        variables["ansible_ssh_common_args"] = f"-o ProxyJump={hypervisor.jump} -o HostKeyAlias={host}"
        variables["ansible_control_path"] = f"%(directory)s/{kept}-%%r-%%p"
    return variables


def _metadata(guest: Guest) -> Iterator[str]:
    return (f"{name}_{value}" for name, value in guest["metadata"].items())


def _networks(guest: Guest) -> Iterator[str]:
    return (card["network"] for card in guest["interfaces"] if card["network"])


_MEMBERSHIPS: Mapping[str, Callable[[Guest], Iterator[str]]] = {
    "state": lambda guest: iter([guest["state"]]),
    "network": _networks,
    "hypervisor": lambda guest: iter([guest["hypervisor"]]),
    "pool": lambda guest: iter(guest["pools"]),
    "metadata": _metadata,
}


def groups(guest: Guest, kinds: list[str]) -> list[str]:
    """The groups of the guest, as C(KIND_VALUE), not yet fit to be names of groups."""
    return [f"{kind}_{value}" for kind in kinds for value in _MEMBERSHIPS[kind](guest)]
