# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Which snapshots go and in what order, and what stands in the way. Pure.

Deleting an external snapshot merges its overlay into the file below. libvirt does that well where it does it, but
it looks at no other snapshot that still needs that file.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Mapping, Sequence

from .._errors import HypervisorError
from .._plan import Facts, make_plan
from .._xml.difference import Change
from .._xml.properties import LIVE
from . import disks
from .model import Snapshot
from .plan import MANAGED_SAVE, PRESENT, SnapshotPlan, View, facts, refuse_loss

Chains = Mapping[str, Sequence[str]]
"""The files of each disk, the one that is written to first."""


def plan(view: View, snapshot: Snapshot, options: Mapping[str, Any]) -> SnapshotPlan:
    """The snapshots to delete, the youngest first."""
    steps = [*(_descendants(view, snapshot.name) if options["children"] == "delete" else []), snapshot]
    save = False
    changes: list[Change] = []
    if not options["metadata_only"]:
        save = view.managed_save and any(each.external for each in steps)
        refuse_loss(_label(view, snapshot), [MANAGED_SAVE] if save else [], options)
        before = _chains(view)
        now, chains = view, before
        for step in steps:
            _refuse(now, step, chains)
            now, chains = _without(now, step), _merged(chains, step)
        changes += [
            Change(f"disks[{target}].source", files[0], chains[target][0], LIVE)
            for target, files in before.items()
            if files[:1] != chains[target][:1]
        ]
    changes += [Change(f"children[{each.name}]", PRESENT, "absent", LIVE) for each in steps[:-1]]
    made = make_plan(facts(snapshot), Facts(), changes)
    return SnapshotPlan(made.before, made.after, made.changes, None, view.state, steps, save)


def _label(view: View, snapshot: Snapshot) -> str:
    return f"Snapshot {snapshot.name} of domain {view.name}"


def _descendants(view: View, name: str) -> list[Snapshot]:
    """Those below, each after its own children."""
    found = []
    for child in view.children(name):
        found += [*_descendants(view, child.name), child]
    return found


def _chains(view: View) -> Chains:
    return {target: disks.chain(disk, view.snapshots.values()) for target, disk in disks.read(view.document).items()}


def _merged(chains: Chains, snapshot: Snapshot) -> Chains:
    """The files after the snapshot's overlays were merged into those below."""
    gone = {(each.target, each.overlay) for each in snapshot.disks}
    return {target: [file for file in files if (target, file) not in gone] for target, files in chains.items()}


def _without(view: View, snapshot: Snapshot) -> View:
    """The domain as it is after the deletion, as far as the next one depends on it."""
    left = {
        name: replace(each, parent=snapshot.parent) if each.parent == snapshot.name else each
        for name, each in view.snapshots.items()
        if name != snapshot.name
    }
    return replace(view, snapshots=left)


def _refuse(view: View, snapshot: Snapshot, chains: Chains) -> None:
    if snapshot.external:
        _refuse_external(view, snapshot)
        _refuse_broken_chain(view, snapshot, chains)
    elif view.active:
        _refuse_below_overlay(view, snapshot, chains)


def _refuse_below_overlay(view: View, snapshot: Snapshot, chains: Chains) -> None:
    """QEMU deletes an internal snapshot only in the file that it writes to."""
    for each in snapshot.disks:
        if each.source not in (None, *chains.get(each.target, [each.source])[:1]):
            raise _not_deletable(
                view,
                snapshot,
                f"it lies in {each.source}, below the file that disk {each.target} has now, and the domain runs",
                "shut the domain down first",
            )


def _refuse_external(view: View, snapshot: Snapshot) -> None:
    parent, children = view.snapshots.get(snapshot.parent or ""), view.children(snapshot.name)
    if snapshot.memory:
        raise _not_deletable(view, snapshot, "it has the memory in a file of its own", "use metadata_only: true")
    if parent is not None and not parent.external:
        raise _not_deletable(
            view,
            snapshot,
            f"libvirt does not merge what follows the internal snapshot {parent.name}",
            f"delete {parent.name} first, while the domain is shut down",
        )
    inner = [each.name for each in children if not each.external]
    if inner:
        raise _not_deletable(
            view, snapshot, f"its overlay holds {', '.join(inner)}", f"delete {', '.join(inner)} first"
        )
    if children and not view.active:
        names = ", ".join(each.name for each in children)
        raise _not_deletable(
            view,
            snapshot,
            f"{names} follows it, and the domain does not run",
            f"start the domain first (paused is enough), or delete {names} as well (children: delete)",
        )


def _refuse_broken_chain(view: View, snapshot: Snapshot, chains: Chains) -> None:
    for each in snapshot.disks:
        if each.overlay not in chains.get(each.target, ()):
            raise _not_deletable(
                view,
                snapshot,
                f"disk {each.target} of the domain does not lie on its overlay {each.overlay}",
                "give the domain that overlay again; or use metadata_only: true, which leaves all files as they are",
            )
        others = [
            other.name
            for other in view.snapshots.values()
            for disk in other.disks
            if other.external and disk.source == each.source and disk.overlay != each.overlay
        ]
        if others:
            raise _not_deletable(
                view,
                snapshot,
                f"{each.source}, into which it would be merged, is needed unchanged by {', '.join(others)}",
                f"delete {', '.join(others)} first",
            )


def _not_deletable(view: View, snapshot: Snapshot, why: str, what: str) -> HypervisorError:
    return HypervisorError(
        f"{_label(view, snapshot)} cannot be deleted: {why}. Please {what}.", "CANNOT_DELETE", snapshot=snapshot.name
    )
