# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The options of a domain, each with its place in the XML. What has no option is told by C(xml)."""

from __future__ import annotations

from typing import Any, Mapping

from ..._errors import HypervisorError
from . import (
    arguments,
    boot,
    clock,
    consoles,
    controllers,
    cpu,
    devices,
    disks,
    features,
    graphics,
    hostdevs,
    interfaces,
    memory,
    texts,
    tuning,
    vcpus,
)

PROPERTIES = (
    texts.TYPE,
    *texts.TEXTS,
    *memory.AMOUNTS,
    memory.BACKING,
    *vcpus.VCPUS,
    cpu.CPU,
    *tuning.TUNING,
    *boot.MACHINE,
    *boot.BOOT,
    clock.CLOCK,
    features.FEATURES,
    features.POWER_MANAGEMENT,
    *texts.LIFECYCLE,
    disks.DISKS,
    interfaces.INTERFACES,
    memory.MEMORY_DEVICES,
    *controllers.CONTROLLERS,
    *consoles.CONSOLES,
    *devices.DEVICES,
    hostdevs.HOSTDEVS,
    *graphics.GRAPHICS,
    arguments.QEMU_ARGUMENTS,
)
"""In the order in which they are written: what a later one says refines what an earlier one made."""

SECRETS = frozenset(item.name for item in PROPERTIES if item.argument().get("no_log"))
"""Options that a domain which was read without its passwords does not tell."""

_CHECKS = (
    memory.refused,
    vcpus.refused,
    cpu.refused,
    tuning.refused,
    boot.refused,
    clock.refused,
    features.refused,
    disks.refused,
    interfaces.refused,
    controllers.refused,
    consoles.refused,
    devices.refused,
    hostdevs.refused,
    graphics.refused,
)


def refuse_impossible(name: str, given: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    """Refuse what libvirt would refuse with fewer words, or drop without one.

    C(given) are the module's options, in normal form where they are properties; C(result) are all properties
    of the document that they lead to. Only what was asked for is looked at.
    """
    for check in _CHECKS:
        for sentence in check(given, result):
            raise HypervisorError(f"Domain {name}: {sentence}", "INVALID_OPTION")
