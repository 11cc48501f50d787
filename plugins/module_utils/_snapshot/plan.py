# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What every decision about a snapshot starts from and ends with. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping, Sequence

from .._errors import HypervisorError
from .._plan import Facts, Plan
from .model import SHUTDOWN, Snapshot

PRESENT, REVERTED = "present", "reverted"
CURRENT_STATE, MANAGED_SAVE = "current_state", "managed_save"


@dataclass(frozen=True)
class View:
    """A domain with all that its snapshots depend on."""

    name: str
    state: str
    document: Any
    """As it runs; its definition where it does not run."""
    snapshots: Mapping[str, Snapshot] = field(default_factory=dict)
    current: str | None = None
    managed_save: bool = False
    local: bool = True
    """Whether the files of the hypervisor are those of this machine."""

    @property
    def active(self) -> bool:
        return self.state not in (SHUTDOWN, "crashed")

    def children(self, name: str) -> list[Snapshot]:
        """The snapshots right below the one of that name."""
        return [each for each in self.snapshots.values() if each.parent == name]


@dataclass(frozen=True)
class SnapshotPlan(Plan):
    """The way to what was asked of a snapshot."""

    snapshot: Snapshot | None = None
    """As it shall be; None where it shall be gone."""
    state: str | None = None
    """The domain's state afterwards."""
    steps: Sequence[Snapshot] = ()
    """Snapshots to delete, in this order."""
    discards_save: bool = False
    """Whether the managed save is removed first."""


def facts(snapshot: Snapshot | None) -> Facts:
    """The snapshot as the text of a diff."""
    return Facts() if snapshot is None else Facts(PRESENT, None, snapshot.document)


def refuse_loss(label: str, losses: Sequence[str], options: Mapping[str, Any]) -> None:
    """Stop where something would be lost that the option does not name."""
    lost = [each for each in losses if each not in options["discard"]]
    if lost:
        raise HypervisorError(
            f"{label}: what would be lost is {', '.join(lost)}. Allow it with discard: [{', '.join(lost)}].",
            "WOULD_LOSE",
            losses=lost,
        )


def unchanged(snapshot: Snapshot | None, state: str | None) -> SnapshotPlan:
    """Nothing to do."""
    found = facts(snapshot)
    return SnapshotPlan(found, found, [], snapshot, state)
