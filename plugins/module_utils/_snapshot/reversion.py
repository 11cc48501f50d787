# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What going back to a snapshot does, and what stands in the way. Pure."""

from __future__ import annotations

from typing import Any, Mapping

from .._errors import HypervisorError
from .._plan import Facts, make_plan
from .._xml import document
from .._xml.difference import Change
from .._xml.document import Element
from .._xml.properties import LIVE
from . import disks
from .model import DISK_ONLY, SHUTDOWN, Snapshot
from .plan import CURRENT_STATE, MANAGED_SAVE, SnapshotPlan, View, refuse_loss


def plan(view: View, snapshot: Snapshot, options: Mapping[str, Any]) -> SnapshotPlan:
    """Back to the snapshot. That is always a change: the state since then is lost, whatever it is."""
    label = f"Snapshot {snapshot.name} of domain {view.name}"
    if snapshot.external:
        _refuse_external(label, view, snapshot)
    else:
        _refuse_needed(label, view, snapshot)
    refuse_loss(label, [CURRENT_STATE, *([MANAGED_SAVE] if view.managed_save else [])], options)
    state = options.get("domain_state") or (SHUTDOWN if snapshot.state == DISK_ONLY else snapshot.state)
    before = Facts(view.state, None, view.document)
    after = Facts(state, None, definition(snapshot))
    made = make_plan(before, after, [Change("reverted_to", view.current, snapshot.name, LIVE)])
    return SnapshotPlan(before, after, made.changes, snapshot, state, (), view.managed_save)


def definition(snapshot: Snapshot) -> Element:
    """The domain's definition after going back: that of then, with the overlays as its disks."""
    element = document.copy(snapshot.domain)
    for disk in document.children(element, "devices/disk"):
        taken = snapshot.disk(document.get(disk, "target/@dev") or "")
        if taken is not None and taken.overlay is not None:
            _point_to(disk, taken.overlay)
    return element


def _point_to(disk: Element, overlay: str) -> None:
    for tag in ("source", "backingStore"):
        for each in list(disk.iterfind(tag)):
            disk.remove(each)
    block = overlay.startswith("/dev/")
    disk.set("type", "block" if block else "file")
    document.put(disk, "driver/@type", "qcow2")
    document.put(disk, "source/@dev" if block else "source/@file", overlay)


def _refuse_needed(label: str, view: View, snapshot: Snapshot) -> None:
    """An internal snapshot changes its files, on which the overlays of external ones depend."""
    files = {each.source for each in snapshot.disks if each.source is not None}
    for other in view.snapshots.values():
        needed = sorted({each.source for each in other.disks if other.external and each.source in files})
        if needed:
            raise HypervisorError(
                f"{label}: going back would change {', '.join(map(str, needed))}, on which the overlay of snapshot"
                f" {other.name} lies. Delete {other.name} first (state: absent), which merges its overlay.",
                "NEEDED_BY_SNAPSHOT",
                snapshot=other.name,
            )


def _refuse_external(label: str, view: View, snapshot: Snapshot) -> None:
    """Its overlays are made empty again, so nothing else may lie in them or on them, and nobody may write to them."""
    present = disks.read(view.document)
    astray = [
        each.target
        for each in snapshot.disks
        if each.target not in present or present[each.target].source != each.overlay or each.source is None
    ]
    children = [each.name for each in view.children(snapshot.name)]
    if snapshot.memory:
        why, what = "it has the memory in a file of its own", "Restore it with virsh."
    elif not view.local:
        why, what = "only on the hypervisor itself can overlays be renewed", "Run the module there, with a local uri."
    elif view.active:
        why, what = "the domain runs", "Shut it down first (mini.hypervisor.virt_domain with state: shutdown)."
    elif children:
        why, what = f"{', '.join(children)} came after it", "Delete what came after it first (state: absent)."
    elif astray:
        why, what = (
            f"{', '.join(astray)} of the domain does not lie on its overlay",
            "Give the domain the overlay again.",
        )
    else:
        return
    raise HypervisorError(f"{label} is external, and cannot be gone back to: {why}. {what}", "CANNOT_REVERT")
