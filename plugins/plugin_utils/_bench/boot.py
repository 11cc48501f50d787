# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""How the first boot of each guest went, as the role that made it wrote down with the domain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from . import subjects, text
from .languages import say
from .tables import Table, table


def boot(results: Mapping[str, Any]) -> Table:
    """Seconds from the start of each guest to each phase; without rows where nobody wrote it down."""
    names = [target["name"] for target in subjects.guests(results)]
    seen = [_phases(subjects.metadata_of(results, name).get("boot")) for name in names]
    labels = _labels()
    reached = [phase for phase in labels if any(phase in phases for phases in seen)]
    # Not every guest goes through them in the same order.
    reached.sort(key=lambda phase: min(phases[phase] for phases in seen if phase in phases))
    rows = [[labels[phase], *(_seconds(phases.get(phase)) for phases in seen)] for phase in reached]
    return table("", [say("reached"), *names], rows)


def _labels() -> dict[str, str]:
    return {
        "started": say("started"),
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
