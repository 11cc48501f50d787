# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The machines of a benchmark side by side: what hypervisor and guests are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import subjects, text
from .languages import say
from .tables import WORDS, Table, table


def machines(results: Mapping[str, Any]) -> Table:
    """Hypervisor and guests side by side."""
    targets = results["targets"]
    labels = [label for label, _value in _machine(results, targets[0])] if targets else []
    values = [dict(_machine(results, target)) for target in targets]
    rows = [[label, *(value.get(label) for value in values)] for label in labels]
    shown = [row for row in rows if any(cell not in (None, "") for cell in row[1:])]
    return table(results["hypervisor"], ["", *(target["name"] for target in targets)], shown, look=WORDS)


def role_of(kind: str) -> str:
    """What a target of that kind is."""
    return {
        "native": say("hypervisor (native)"),
        "user": say("user-mode emulation on the hypervisor"),
        "container": say("container on the hypervisor"),
        "guest": say("guest"),
        "nested": say("guest inside a guest"),
    }[kind]


def substrates(results: Mapping[str, Any]) -> Table:
    """All that was asked for, with the reason of what cannot run here, and the accelerators that no guest has."""
    rows = [
        [entry["name"], _what(entry), say("yes") if entry["available"] else say("no"), entry["reason"]]
        for entry in results["substrates"]
    ]
    rows += _other_accelerators(results)
    columns = [say("Substrate"), say("What it is"), say("Runs here"), say("Why not")]
    return table(say("Substrates"), columns, rows, look=WORDS)


def _other_accelerators(results: Mapping[str, Any]) -> list[list[Any]]:
    names = {"kvm": say("guest under KVM"), "tcg": say("guest under TCG")}
    used = {subjects.accelerator_of(results, guest["name"]).lower() for guest in subjects.guests(results)}
    unused = [each for each in results["host"].get("accelerators", []) if each["name"] not in used]
    return [
        [names[each["name"]], role_of("guest"), say("yes"), say("no guest that was measured has it")]
        if each["usable"]
        else [names[each["name"]], role_of("guest"), say("no"), each["reason"]]
        for each in unused
    ]


def _what(entry: Mapping[str, Any]) -> str:
    found = entry.get("nested")
    if not found:
        return role_of(entry["kind"])
    return say("guest inside {guest}, under {by}", guest=found["guest"], by=found["accelerator"].upper())


def _machine(results: Mapping[str, Any], target: Mapping[str, Any]) -> list[tuple[str, Any]]:
    found = subjects.environment(target)
    rows = [
        (say("Role"), role_of(target["kind"])),
        (say("Processor"), found["cpu_model"]),
        (say("CPUs"), found["cpus"]),
        (say("Memory"), f"{text.whole(found['memory_mib'])} MiB"),
        (say("System"), found["os"]),
        (say("Kernel"), f"{found['kernel']} ({found['architecture']})"),
        (say("Clock source"), _clock(found["clock_source"])),
        (say("Frequency governor"), found["governor"]),
        ("sysbench", f"{target['version']} ({target['executable']})"),
        (say("sysbench binary, SHA-256"), target["binary_sha256"][:16]),
        (say("Load before the first round"), text.number(target["load_before"])),
    ]
    more = {"native": _native, "nested": _nested}.get(target["kind"])
    return rows + (more(results) if more else _guest(results, target["name"]))


def _clock(clock: Mapping[str, Any]) -> str:
    if not clock["current"]:
        return ""
    return say("{current} (available: {all})", current=clock["current"], all=", ".join(clock["available"]))


def _native(results: Mapping[str, Any]) -> list[tuple[str, Any]]:
    host = results["host"]
    versions, outer = host.get("versions") or {}, subjects.virtualization_of(results)
    return [
        (say("Accelerator"), str(host.get("accelerator") or "").upper()),
        (say("Why this accelerator"), ""),
        (say("Machine"), say("virtual ({outer})", outer=outer) if outer else ""),
        ("QEMU", versions.get("qemu")),
        ("libvirt", versions.get("libvirt")),
        (say("Image"), ""),
        (say("Image, SHA-256"), ""),
        (say("Profile"), ""),
        (say("Address"), ""),
    ]


def _guest(results: Mapping[str, Any], name: str) -> list[tuple[str, Any]]:
    found, metadata = subjects.guest_of(results, name), subjects.metadata_of(results, name)
    image = metadata.get("image")
    if subjects.is_fallback(results, name):
        image = say("{image} (asked for: {asked})", image=image, asked=metadata.get("image_requested"))
    return [
        (say("Accelerator"), subjects.accelerator_of(results, name)),
        (say("Why this accelerator"), subjects.accelerator_reason(results, name)),
        (say("Machine"), found.get("machine")),
        (say("Image"), image),
        (say("Image, SHA-256"), str(metadata.get("image_sha256") or "")[:16]),
        (say("Profile"), metadata.get("profile")),
        (say("Address"), metadata.get("address")),
    ]


def _nested(results: Mapping[str, Any]) -> list[tuple[str, Any]]:
    found = subjects.nested_of(results)
    return [
        (say("Accelerator"), found["accelerator"].upper()),
        (say("Why this accelerator"), found["accelerator_reason"]),
        (say("Machine"), say("inside {guest}", guest=found["guest"])),
        ("QEMU", found["qemu"]),
    ]
