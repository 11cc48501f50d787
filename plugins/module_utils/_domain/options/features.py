# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What the guest's machine and hypervisor offer beside the processor: each on, off, or left to libvirt."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from ..._xml import document
from ..._xml.document import Element
from ..._xml.properties import NEXT_BOOT, Group, Integer, OnOff, Presence, Text, YesNo


class HypervMode(Text):
    """Whether single members tell what there is, which C(passthrough) does not have."""

    PASSTHROUGH = "passthrough"

    def write(self, element: Element, value: Any) -> None:
        if value == self.PASSTHROUGH:
            for member in list(element):
                element.remove(member)
        super().write(element, value)


class HypervVendor(Text):
    """The vendor that a Windows guest sees, which is on where there is one."""

    def write(self, element: Element, value: Any) -> None:
        if value == "":
            document.remove(element, "vendor_id")
        else:
            document.put(element, "vendor_id/@state", "on")
            super().write(element, value)


def _state(name: str, element: str = "") -> OnOff:
    return OnOff(name, f"{element or name}/@state")


HYPERV = Group(
    "hyperv",
    (
        HypervMode("mode", "@mode", NEXT_BOOT, {"choices": ["custom", HypervMode.PASSTHROUGH]}),
        *(_state(name) for name in ("relaxed", "vapic", "spinlocks", "vpindex", "runtime", "synic", "stimer")),
        Integer("spinlock_retries", "spinlocks/@retries"),
        OnOff("stimer_direct", "stimer/direct/@state"),
        *(_state(name) for name in ("reset", "frequencies", "reenlightenment", "tlbflush", "ipi", "evmcs", "avic")),
        HypervVendor("vendor_id", "vendor_id/@value"),
    ),
    "hyperv",
)

FEATURES = Group(
    "features",
    (
        Presence("acpi", "acpi"),
        Presence("apic", "apic"),
        Presence("pae", "pae"),
        _state("hap"),
        _state("smm"),
        _state("pmu"),
        _state("vmport"),
        _state("vmcoreinfo"),
        _state("pvspinlock"),
        _state("kvm_hidden", "kvm/hidden"),
        Text("ioapic", "ioapic/@driver", NEXT_BOOT, {"choices": ["kvm", "qemu"]}),
        Text("gic_version", "gic/@version", NEXT_BOOT, {"choices": ["2", "3", "host"]}),
        HYPERV,
    ),
    "features",
)

POWER_MANAGEMENT = Group(
    "pm",
    (YesNo("suspend_to_mem", "suspend-to-mem/@enabled"), YesNo("suspend_to_disk", "suspend-to-disk/@enabled")),
    "pm",
)


def refused(given: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    """What cannot be, a sentence each."""
    if not (given.get("features") or {}).get("hyperv"):
        return
    hyperv = (result.get("features") or {}).get("hyperv") or {}
    if hyperv.get("mode") == HypervMode.PASSTHROUGH and len([each for each in hyperv.values() if each is not None]) > 1:
        yield "features.hyperv.mode passthrough has all there is, and no other member."
    if hyperv.get("spinlock_retries") is not None and not hyperv.get("spinlocks"):
        yield "features.hyperv.spinlock_retries needs features.hyperv.spinlocks."
    if hyperv.get("stimer_direct") is not None and not hyperv.get("stimer"):
        yield "features.hyperv.stimer_direct needs features.hyperv.stimer."
