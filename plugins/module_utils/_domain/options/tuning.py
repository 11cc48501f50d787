# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""How the hypervisor's processors, memory and disks are shared out to a domain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator, Mapping

from ..._xml import document
from ..._xml.document import Element
from ..._xml.kinds import Limit, NumberSet
from ..._xml.properties import LIVE, NEXT_BOOT, Group, Integer, Items, Size, Text
from .memory import KIB

UNLIMITED = "unlimited"
PERIOD, NO_QUOTA = 100_000, -1
"""What the kernel has where a definition tells nothing."""
_MODES = ["strict", "preferred", "interleave", "restrictive"]


@dataclass(frozen=True)
class MemoryLimit(Size):
    """A limit that C(unlimited) takes away; its normal value is 0 then."""

    def normal(self, value: Any) -> Any:
        return 0 if value == UNLIMITED else super().normal(value)

    def same(self, present: Any, wanted: Any) -> bool:
        return (present or 0) == (wanted or 0)

    def write(self, element: Element, value: Any) -> None:
        if value:
            super().write(element, value)
        else:
            document.remove(element, self.path)


class IoThreads(Limit):
    """The number of I/O threads. A list of their numbers is of another count, so it goes."""

    def write(self, element: Element, value: Any) -> None:
        document.remove(element, "iothreadids")
        super().write(element, value)


def _pins(name: str, member: str) -> Items:
    """Where each of several threads may run."""
    return Items(
        name,
        name,
        (member,),
        (
            Integer(member, f"@{member}", LIVE, {"required": True}),
            NumberSet("cpuset", "@cpuset", LIVE),
        ),
        LIVE,
        removable=True,
    )


NUMATUNE = Group(
    "numatune",
    (
        Text("mode", "memory/@mode", NEXT_BOOT, {"choices": _MODES}),
        NumberSet("nodeset", "memory/@nodeset", LIVE),
        Items(
            "memnodes",
            "memnode",
            ("cellid",),
            (
                Integer("cellid", "@cellid", spec={"required": True}),
                Text("mode", "@mode", spec={"choices": _MODES}),
                NumberSet("nodeset", "@nodeset"),
            ),
            defaults={"mode": "strict"},
            removable=True,
        ),
    ),
    "numatune",
)

CPUTUNE = Group(
    "cputune",
    (
        Limit("shares", "shares", LIVE),
        Limit("period", "period", LIVE, missing=PERIOD),
        Limit("quota", "quota", LIVE, missing=NO_QUOTA),
        Limit("global_period", "global_period", LIVE, missing=PERIOD),
        Limit("global_quota", "global_quota", LIVE, missing=NO_QUOTA),
        Limit("emulator_period", "emulator_period", LIVE, missing=PERIOD),
        Limit("emulator_quota", "emulator_quota", LIVE, missing=NO_QUOTA),
        Limit("iothread_period", "iothread_period", LIVE, missing=PERIOD),
        Limit("iothread_quota", "iothread_quota", LIVE, missing=NO_QUOTA),
        _pins("vcpupin", "vcpu"),
        NumberSet("emulatorpin", "emulatorpin/@cpuset", LIVE),
        _pins("iothreadpin", "iothread"),
    ),
    "cputune",
)

MEMTUNE = Group(
    "memtune",
    (
        MemoryLimit("hard_limit", "hard_limit", LIVE, grain=KIB),
        MemoryLimit("soft_limit", "soft_limit", LIVE, grain=KIB),
        MemoryLimit("swap_hard_limit", "swap_hard_limit", LIVE, grain=KIB),
    ),
    "memtune",
)

BLKIOTUNE = Group("blkiotune", (Limit("weight", "weight", LIVE),), "blkiotune")

TUNING = (IoThreads("iothreads", "iothreads", LIVE), NUMATUNE, CPUTUNE, MEMTUNE, BLKIOTUNE)


def refused(given: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    """What cannot be, a sentence each."""
    threads, most = result.get("iothreads") or 0, result.get("max_vcpus") or 0
    cputune = given.get("cputune") or {}
    for pin in cputune.get("iothreadpin") or []:
        if pin.get("state") != "absent" and pin["iothread"] > threads:
            yield f"cputune.iothreadpin has I/O thread {pin['iothread']}, and iothreads is {threads}."
    for pin in cputune.get("vcpupin") or []:
        if pin.get("state") != "absent" and pin["vcpu"] >= most:
            yield f"cputune.vcpupin has processor {pin['vcpu']}, and the last one is {most - 1} (max_vcpus - 1)."
    for name, pins in (("vcpupin", "vcpu"), ("iothreadpin", "iothread")):
        for pin in cputune.get(name) or []:
            if pin.get("state") != "absent" and not pin.get("cpuset"):
                yield f"cputune.{name} {pin[pins]} needs a cpuset."
