# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""How the first boot of each guest went, as the role that made it wrote down with the domain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from . import subjects
from .tables import Table, table

_PHASES = {
    "started": "started",
    "kernel": "kernel",
    "cloud_init_local": "cloud-init, local stage",
    "cloud_init_network": "cloud-init, network stage",
    "cloud_init_final": "cloud-init, final stage",
    "address": "address",
    "sshd": "SSH answers",
    "finished": "cloud-init finished",
}


def boot(results: Mapping[str, Any]) -> Table:
    """Seconds from the start of each guest to each phase; without rows where nobody wrote it down."""
    names = [target["name"] for target in subjects.guests(results)]
    seen = [_phases(subjects.metadata_of(results, name).get("boot")) for name in names]
    reached = [phase for phase in _PHASES if any(phase in phases for phases in seen)]
    # Not every guest goes through them in the same order.
    reached.sort(key=lambda phase: min(phases[phase] for phases in seen if phase in phases))
    rows = [[_PHASES[phase], *(phases.get(phase) for phases in seen)] for phase in reached]
    return table(f"{results['hypervisor']}: first boot, seconds from the start", ["reached", *names], rows)


def _phases(text: Any) -> dict[str, float]:
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        return {}
    return {phase: seconds for phase, seconds in found.items() if isinstance(seconds, (int, float))}
