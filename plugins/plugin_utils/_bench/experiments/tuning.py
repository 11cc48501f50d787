# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""One setting at a time against a guest of the reference machine's shape that nobody tuned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .variants import GUEST, cpu, disk, memory, refused, tsc, variant

KIND = "tuning"
BASELINE, CLOCK, QEMU = "baseline", "tsc", "qemu"
DISK_BASELINE, DISK_TEST = "disk", "disk"
"""A guest with a disk, which all others can do without: its driver may have to be fetched."""
NOT_ADVISED = ("disk_unsafe",)
"""What is measured to show its price; nobody should apply what forgets data in a crash, however fast it is."""
VCPUS, MEMORY_MIB = 2, 2900
"""The reference machine's."""

# What differs from the baseline, and the variables of the role guest that apply it.
_TCG: Mapping[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    CLOCK: ("clock source: TSC", {"kernel_arguments": "{tsc}"}, {"guest_profile": "tuned"}),
    "intel": ("CPU model: Nehalem, of another vendor", {"cpu": "Nehalem"}, {"guest_cpu": {"model": "Nehalem"}}),
    "max": ("CPU model: max, all that TCG can do", {"cpu": "max"}, {"guest_cpu": {"mode": "maximum"}}),
    "pc": ("machine type: pc", {"machine": "pc"}, {"guest_machine": "pc"}),
    "no_hpet": (
        "machine without HPET",
        {"machine": "q35,hpet=off"},
        {"guest_clock": {"timers": [{"name": "hpet", "present": False}]}},
    ),
    "single": ("TCG in a single thread", {"tcg_thread": "single"}, {}),
    "small_cache": ("TCG's cache of 32 MiB", {"tb_size": 32}, {}),
    "large_cache": ("TCG's cache of 2 GiB", {"tb_size": 2048}, {}),
    "mitigations": (
        "kernel without mitigations",
        {"kernel_arguments": "mitigations=off"},
        {"guest_profile": "tuned", "guest_kernel_arguments": "mitigations=off"},
    ),
}
# What differs from the guest with a disk.
_DISK: Mapping[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "disk_none": ("disk, cache mode: none", {"cache": "none"}, {"cache": "none"}),
    "disk_writethrough": ("disk, cache mode: writethrough", {"cache": "writethrough"}, {"cache": "writethrough"}),
    "disk_unsafe": ("disk, cache mode: unsafe, which may lose data", {"cache": "unsafe"}, {}),
    "disk_native": (
        "disk, aio mode: native, with cache mode none",
        {"cache": "none", "aio": "native"},
        {"cache": "none", "io": "native"},
    ),
    "disk_io_uring": ("disk, aio mode: io_uring", {"aio": "io_uring"}, {"io": "io_uring"}),
    "disk_iothread": ("disk with a thread of its own (iothread)", {"iothread": True}, {"iothread": 1}),
}
_APPLIED = {
    **{name: applied for name, (_label, _options, applied) in _TCG.items()},
    **{name: {"guest_disk_options": applied} if applied else {} for name, (_l, _options, applied) in _DISK.items()},
    "hugepages": {"guest_memory_backing": {"hugepages": True}},
}


def baseline_of(test: str) -> str:
    """The variant that a test's rates are compared with."""
    return DISK_BASELINE if test == DISK_TEST else BASELINE


def applied(tried: Mapping[str, Any]) -> dict[str, Any]:
    """The variables of the role guest that apply a variant; none where it has no such variable."""
    if tried["name"] != "pinned":
        return _APPLIED.get(tried["name"], {})
    cpus = ",".join(map(str, tried["settings"]["options"]["cpus"]))
    pins = [{"vcpu": number, "cpuset": cpus} for number in range(VCPUS)]
    return {"guest_cputune": {"vcpupin": pins, "emulatorpin": cpus}}


def design(facts: Mapping[str, Any], seconds: int) -> dict[str, Any]:
    """The baseline, and a variant for each setting; those that only KVM has are there with their reason."""
    tests = [cpu(seconds), memory(seconds), {"name": "threads", "test": "threads", "time": seconds, "threads": 2}]
    names = [test["name"] for test in tests]
    tests.append(disk(seconds, DISK_TEST))
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
    little = problem or _too_few_pages(facts)
    variants.append(
        variant("hugepages", "memory of huge pages", GUEST, names, unavailable=little, **shape, hugepages=True)
    )
    other = facts.get("other_qemu") or {"path": "", "reason": "no other QEMU was looked for"}
    unusable = problem or str(other["reason"])
    variants.append(variant(QEMU, "another QEMU", GUEST, names, unavailable=unusable, **shape, qemu=other["path"]))
    kvm = refused(facts, "kvm") or "this design tunes guests under TCG"
    variants.append(
        variant("host_model", "CPU model: the host's", GUEST, names, unavailable=f"a setting of KVM: {kvm}")
    )
    modes = {DISK_BASELINE: ("a disk as it comes", {}, {}), **_DISK}
    for name, (label, options, _applied) in modes.items():
        variants.append(variant(name, label, GUEST, [DISK_TEST], unavailable=problem, **shape, disk=options))
    return {"kind": KIND, "tests": tests, "variants": variants}


def _too_few_pages(facts: Mapping[str, Any]) -> str:
    """Why the guest cannot consist of huge pages; empty where it can."""
    pages = facts.get("hugepages") or {"size_kib": 0, "free_mib": 0}
    if pages["free_mib"] >= MEMORY_MIB:
        return ""
    wanted = f"the guest takes {MEMORY_MIB} MiB of huge pages, and the host has {pages['free_mib']} MiB of them free"
    if not pages["size_kib"]:
        return wanted
    return f"{wanted}: reserve them (sysctl vm.nr_hugepages={-(-MEMORY_MIB * 1024 // pages['size_kib'])})"
