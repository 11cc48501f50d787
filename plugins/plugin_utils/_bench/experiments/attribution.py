# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A ladder from native to the guest as it comes: each rung differs from the one before in one thing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .variants import GUEST, NATIVE, USER, cpu, memory, refused, tsc, variant

KIND = "attribution"
LADDER = ("native", "user", "guest", "smp", "clock")
"""The rungs in their order."""
TOTAL = ("total_native", "total_guest")
"""The ends of the ladder, measured once more: what the factors have to multiply to."""
ACCELERATED = "kvm"

REFERENCE = ("cpu", "memory")
BARE, EMPTY = "memory_bare", "memory_empty"
"""Memory without the histogram of latencies, and without the write as well."""


def design(facts: Mapping[str, Any], seconds: int) -> dict[str, Any]:
    """The ladder under TCG, its ends once more, and KVM beside it."""
    tests = [
        cpu(seconds),
        memory(seconds),
        memory(seconds, BARE, percentile=0),
        memory(seconds, EMPTY, percentile=0, memory_oper="none"),
    ]
    emulated = {"unavailable": refused(facts, "tcg"), "accelerator": "tcg", "perf": True}
    trusted = tsc(facts)
    user_mode = "" if facts.get("qemu_user") else "qemu-x86_64 is not installed (Debian's package qemu-user)"
    variants = [
        variant("native", "native", NATIVE, REFERENCE),
        variant("user", "user-mode emulation", USER, REFERENCE, unavailable=user_mode),
        variant("guest", "TCG guest, 1 vCPU, TSC", GUEST, REFERENCE, vcpus=1, kernel_arguments=trusted, **emulated),
        variant(
            *("smp", "TCG guest, 2 vCPUs, TSC", GUEST, [*REFERENCE, BARE, EMPTY]),
            **{"vcpus": 2, "kernel_arguments": trusted, **emulated},
        ),
        variant("clock", "TCG guest, 2 vCPUs, its own choice of clock", GUEST, [*REFERENCE, BARE], vcpus=2, **emulated),
        variant("total_native", "native, once more", NATIVE, REFERENCE),
        variant("total_guest", "TCG guest as it comes, once more", GUEST, REFERENCE, vcpus=2, **emulated),
        variant(
            *(ACCELERATED, "guest under KVM", GUEST, REFERENCE),
            unavailable=refused(facts, "kvm"),
            accelerator="kvm",
            vcpus=2,
            perf=True,
        ),
    ]
    return {"kind": KIND, "tests": tests, "variants": variants}
