# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The networks that guests can have without privileges, and whether they can be had here. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SLIRP = "default"
"""libvirt's word for the network that QEMU has in itself."""


@dataclass(frozen=True)
class UserNetwork:
    """Whether one kind can be used, and why; the module returns it as it is."""

    name: str
    usable: bool
    reason: str


def backends(capabilities: Any) -> frozenset[str]:
    """libvirt's words for those that domains may have, from what it says of domains.

    A libvirt that says nothing of them, such as 9.0, knows QEMU's own only.
    """
    found = capabilities.findall("devices/interface/enum[@name='backendType']")
    named = [value.text for enum in found for value in enum.iterchildren("value")]
    return frozenset(named if found else [SLIRP])


def verdicts(offered: frozenset[str] | None, silence: str, program: str | None) -> list[UserNetwork]:
    """A verdict on each, best first. C(silence) says why it is not known what is offered, C(program) where passt is."""
    if offered is None:
        return [UserNetwork(name, False, silence) for name in ("passt", "slirp")]
    return [_passt(offered, program), _slirp(offered)]


def _passt(offered: frozenset[str], program: str | None) -> UserNetwork:
    if "passt" not in offered:
        return UserNetwork("passt", False, "this libvirt or QEMU is too old for it")
    if program is None:
        return UserNetwork("passt", False, "the program passt is not installed: install the package passt")
    return UserNetwork("passt", True, f"libvirt offers it, and {program} is there")


def _slirp(offered: frozenset[str]) -> UserNetwork:
    if SLIRP not in offered:
        return UserNetwork("slirp", False, "this QEMU was built without it")
    return UserNetwork("slirp", True, "QEMU has it in itself")
