# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The processor that the guest sees, and its NUMA cells."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from ..._xml import document
from ..._xml.document import Element
from ..._xml.kinds import NumberSet, SizeAttribute
from ..._xml.properties import NEXT_BOOT, Group, Integer, Items, OnOff, Text
from .memory import MIB

HOST_MODEL = "host-model"
"""The mode that is spelt out as a custom one while the domain runs."""


class CpuMode(Text):
    """Where the features come from. What belongs to the former mode goes with it."""

    def write(self, element: Element, value: Any) -> None:
        for path in ("@match", "@check", "@migratable", "model", "vendor"):
            document.remove(element, path)
        super().write(element, value)


class CpuModel(Text):
    """The name of a model, which only a C(custom) processor has."""

    def write(self, element: Element, value: Any) -> None:
        if value and element.get("mode") is None:
            element.set("mode", "custom")
        super().write(element, value)


CPU = Group(
    "cpu",
    (
        CpuMode(
            "mode",
            "@mode",
            NEXT_BOOT,
            {"choices": ["host-passthrough", HOST_MODEL, "maximum", "custom"]},
            generated=True,
        ),
        CpuModel("model", "model", generated=True),
        Text("check", "@check", NEXT_BOOT, {"choices": ["none", "partial", "full"]}, volatile=True),
        OnOff("migratable", "@migratable", volatile=True),
        Text("vendor_id", "model/@vendor_id", generated=True),
        Group(
            "cache",
            (
                Text("mode", "@mode", NEXT_BOOT, {"choices": ["emulate", "passthrough", "disable"]}),
                Integer("level", "@level"),
            ),
            "cache",
        ),
        Group(
            "topology",
            (
                Integer("sockets", "@sockets"),
                Integer("dies", "@dies", missing=1),
                Integer("cores", "@cores"),
                Integer("threads", "@threads"),
            ),
            "topology",
        ),
        Items(
            "features",
            "feature",
            ("name",),
            (
                Text("name", "@name", spec={"required": True}),
                Text("policy", "@policy", spec={"choices": ["force", "require", "optional", "disable", "forbid"]}),
            ),
            defaults={"policy": "require"},
            removable=True,
            volatile=True,
        ),
        Items(
            "numa",
            "numa/cell",
            ("id",),
            (
                Integer("id", "@id", spec={"required": True}),
                NumberSet("cpus", "@cpus"),
                SizeAttribute("memory", "@memory", grain=MIB),
                Text("mem_access", "@memAccess", spec={"choices": ["shared", "private"]}),
            ),
            removable=True,
        ),
    ),
    "cpu",
)


def refused(given: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    """What cannot be, a sentence each."""
    asked, cpu, most = given.get("cpu") or {}, result.get("cpu") or {}, result.get("max_vcpus")
    if asked.get("mode") == "custom" and not cpu.get("model"):
        yield "cpu.mode custom needs cpu.model."
    topology = cpu.get("topology")
    if topology and most and (asked.get("topology") or given.get("max_vcpus") or given.get("vcpus")):
        yield from _unlike(topology, most)
    cells = cpu.get("numa")
    if cells and (asked.get("numa") or given.get("memory") is not None):
        total = sum(cell["memory"] or 0 for cell in cells)
        if given.get("memory") is not None and given["memory"] != total:
            yield (
                f"memory is {given['memory'] // MIB} MiB, but the cells of cpu.numa have {total // MIB} MiB:"
                " make memory their sum."
            )


def _unlike(topology: Mapping[str, Any], most: int) -> Iterator[str]:
    product = 1
    for name in ("sockets", "dies", "cores", "threads"):
        product *= topology[name] or 1
    if product != most:
        yield (
            f"cpu.topology has room for {product} processors, and there are at most {most}:"
            " make sockets * dies * cores * threads equal to max_vcpus."
        )
