# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""One setting at a time against a guest of the reference machine's shape that nobody tuned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .variants import GUEST, cpu, memory, refused, tsc, variant

KIND = "tuning"
BASELINE, CLOCK = "baseline", "tsc"
VCPUS, MEMORY_MIB = 2, 2900
"""The reference machine's."""

# What differs from the baseline, and the variables of the role guest that apply it.
_TCG: Mapping[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    CLOCK: ("clock source: TSC", {"kernel_arguments": "{tsc}"}, {"guest_profile": "tuned"}),
    "intel": ("CPU model: Nehalem, of another vendor", {"cpu": "Nehalem"}, {"guest_cpu": {"model": "Nehalem"}}),
    "max": ("CPU model: max, all that TCG can do", {"cpu": "max"}, {"guest_cpu": {"mode": "maximum"}}),
    "pc": ("machine type: pc", {"machine": "pc"}, {"guest_machine": "pc"}),
    "no_hpet": ("machine without HPET", {"machine": "q35,hpet=off"}, {}),
    "single": ("TCG in a single thread", {"tcg_thread": "single"}, {}),
    "small_cache": ("TCG's cache of 32 MiB", {"tb_size": 32}, {}),
    "large_cache": ("TCG's cache of 2 GiB", {"tb_size": 2048}, {}),
    "mitigations": (
        "kernel without mitigations",
        {"kernel_arguments": "mitigations=off"},
        {"guest_profile": "tuned", "guest_kernel_arguments": "mitigations=off"},
    ),
}
_ELSEWHERE = {
    "host_model": ("CPU model: the host's", "a setting of KVM: {kvm}"),
    "disk": ("cache and aio mode of a disk, iothread", "a probe guest has no disk"),
}
"""What this design cannot try, and why."""
APPLIED = {name: applied for name, (_label, _options, applied) in _TCG.items()}


def design(facts: Mapping[str, Any], seconds: int) -> dict[str, Any]:
    """The baseline, and a variant for each setting; those that only KVM has are there with their reason."""
    tests = [cpu(seconds), memory(seconds), {"name": "threads", "test": "threads", "time": seconds, "threads": 2}]
    names = [test["name"] for test in tests]
    shape = {"accelerator": "tcg", "vcpus": VCPUS, "memory": MEMORY_MIB}
    problem = refused(facts, "tcg")
    variants = [variant(BASELINE, "as it comes", GUEST, names, unavailable=problem, **shape)]
    for name, (label, options, _applied) in _TCG.items():
        given = {key: tsc(facts) if value == "{tsc}" else value for key, value in options.items()}
        variants.append(variant(name, label, GUEST, names, unavailable=problem, **shape, **given))
    cpus = facts["usable_cpus"]
    few = f"the host has {len(cpus)} CPUs: pinning {VCPUS} vCPUs takes more" if len(cpus) <= VCPUS else ""
    pinned = f"pinned to {VCPUS} CPUs of the host"
    variants.append(variant("pinned", pinned, GUEST, names, unavailable=problem or few, **shape, cpus=cpus[:VCPUS]))
    kvm = refused(facts, "kvm") or "this design tunes guests under TCG"
    for name, (label, reason) in _ELSEWHERE.items():
        variants.append(variant(name, label, GUEST, names, unavailable=reason.format(kvm=kvm)))
    return {"kind": KIND, "tests": tests, "variants": variants}
