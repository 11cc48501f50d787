# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""How the first boot of each guest went, or its restore, as the role that made it wrote down with the domain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from . import subjects, text
from .languages import say
from .tables import Table, table

RESTORE = ("restored", "agent", "identity", "connected")
"""The phases of a guest from a saved machine until it is one of its own."""


def boot(results: Mapping[str, Any]) -> Table:
    """Seconds from the start of each guest to each phase; without rows where nobody wrote it down."""
    seen = _seen(results)
    labels = _labels()
    reached = [phase for phase in labels if any(phase in phases for phases in seen.values())]
    # Not every guest goes through them in the same order; those of a restore are by a clock of their own.
    reached.sort(key=lambda phase: min(phases[phase] for phases in seen.values() if phase in phases))
    reached.sort(key=lambda phase: phase not in ("started", *RESTORE))
    rows = [[labels[phase], *(_seconds(phases.get(phase)) for phases in seen.values())] for phase in reached]
    return table("", [say("reached"), *seen], rows)


def notes(results: Mapping[str, Any]) -> list[str]:
    """What the seconds count from."""
    said = [say("Seconds from the start of the guest until each phase was reached.")]
    if any(phase in phases for phases in _seen(results).values() for phase in RESTORE):
        said.append(
            say(
                "Those of a restored guest, until its cards are plugged in, count from the beginning of its restore,"
                " which may have waited for other guests."
            )
        )
    return said


def _seen(results: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """The phases of each guest."""
    names = [target["name"] for target in subjects.guests(results)]
    return {name: _phases(subjects.metadata_of(results, name).get("boot")) for name in names}


def _labels() -> dict[str, str]:
    return {
        "started": say("started"),
        "restored": say("memory restored"),
        "agent": say("agent answers"),
        "identity": say("identity of its own"),
        "connected": say("cards plugged in"),
        "kernel": say("kernel"),
        "cloud_init_local": say("cloud-init, local stage"),
        "cloud_init_network": say("cloud-init, network stage"),
        "cloud_init_final": say("cloud-init, final stage"),
        "address": say("address"),
        "sshd": say("SSH answers"),
        "finished": say("cloud-init finished"),
    }


def _seconds(found: float | None) -> str:
    return text.NOTHING if found is None else text.written(str(found))


def _phases(text: Any) -> dict[str, float]:
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        return {}
    return {phase: seconds for phase, seconds in found.items() if isinstance(seconds, (int, float))}
