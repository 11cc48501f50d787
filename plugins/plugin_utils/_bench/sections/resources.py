# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Resource management, shown to work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import text
from ..languages import say
from ..section import section
from ..tables import table


def section_of(experiment: Mapping[str, Any], _study: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What was asked of the guest's limits beside what was measured."""
    guest = experiment["settings"]["guest"]
    found = {run["variant"]: run["result"] for run in experiment["runs"] if run["tool"] == "libvirt"}
    return section(
        "resources",
        say("Resource management"),
        sentences=_sentences(guest, found),
        tables=[
            table(
                say("Limits of {guest}, set while it ran", guest=guest),
                [say("Limit"), say("Asked"), say("Measured"), say("Holds between"), say("Verdict")],
                [_row(variant, found.get(variant["name"]), guest) for variant in experiment["variants"]],
            )
        ],
        notes=[
            say("Each limit was set on the running guest by virt_domain, measured, and given back."),
            say("CPU quota: how long that of the guest's virtual CPUs ran that had work."),
            say("CPU pinning: how often libvirt found a busy virtual CPU on the processor that it was pinned to."),
            *_resident(found.get("balloon")),
        ],
    )


def _names() -> dict[str, str]:
    return {
        "cpu_quota": say("CPU quota: share of a processor"),
        "cpu_pinning": say("CPU pinning: time on the processor asked for"),
        "memory": say("Memory: what the guest has by its own account"),
        "balloon": say("Balloon: memory taken from the guest"),
        "disk_limit": say("Disk: random reads past all caches"),
        "network_limit": say("Network: what the guest sends"),
    }


def _sentences(guest: str, found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    held = [name for name, result in found.items() if result["holds"]]
    if not found:
        return [say("No limit could be set on {guest}.", guest=guest)]
    if len(held) == len(found):
        return [say("All {number} limits that could be set on {guest} hold.", number=len(found), guest=guest)]
    broken = [_names()[name] for name in found if name not in held]
    return [
        say(
            "Of {number} limits that could be set on {guest}, these do not hold: {broken}.",
            number=len(found),
            guest=guest,
            broken="; ".join(broken),
        )
    ]


def _resident(balloon: Mapping[str, Any] | None) -> list[str]:
    """What the host got back, where that was looked at."""
    if not balloon or not balloon.get("resident_mib"):
        return []
    before, meanwhile = map(text.number, balloon["resident_mib"])
    return [
        say("Balloon: QEMU took {before} MiB of the host's memory, and {less} MiB then.", before=before, less=meanwhile)
    ]


def _row(variant: Mapping[str, Any], result: Mapping[str, Any] | None, guest: str) -> list[Any]:
    name = _names()[variant["name"]]
    if result is None:
        return [name, None, None, None, say("not measured: {reason}", reason=variant["reason"])]
    unit = result["unit"]
    if result.get("measured_on"):
        name = say("{limit} (measured on a probe guest, as {guest} has none)", limit=name, guest=guest)
    return [
        name,
        f"{text.number(result['asked'])} {unit}",
        f"{text.number(result['measured'])} {unit}",
        f"{text.number(result['low'])}–{text.number(result['high'])} {unit}",
        say("holds") if result["holds"] else say("does not hold"),
    ]
