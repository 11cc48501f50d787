# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What a new snapshot shall be, and whether one that is there is what was asked for. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Mapping

from .._errors import HypervisorError
from .._plan import make_plan
from .._xml import document
from .._xml.difference import Change
from .._xml.properties import LIVE, RECREATE
from . import disks
from .disks import Disk
from .model import DISK_ONLY, EXTERNAL, INTERNAL, SHUTDOWN, Snapshot, SnapshotDisk
from .plan import MANAGED_SAVE, SnapshotPlan, View, facts, refuse_loss, unchanged

AGENT = "org.qemu.guest_agent.0"


def compare(snapshot: Snapshot, options: Mapping[str, Any], label: str, state: str) -> SnapshotPlan:
    """Nothing to do where the snapshot is as the options say; it is never made anew."""
    wanted = {each["target"]: each.get("file") for each in options.get("disks") or []}
    present = {each.target: each.overlay for each in snapshot.disks}
    found = [
        Change(path, before, after, RECREATE)
        for path, before, after in (
            ("kind", snapshot.kind, options.get("kind")),
            ("description", snapshot.description, options.get("description")),
            ("disks", sorted(present), sorted(wanted) or None),
            *((f"disks[{target}].file", present.get(target), file) for target, file in wanted.items()),
        )
        if after is not None and before != after
    ]
    if found:
        differing = "; ".join(f"{each.path} is {each.before!r}, not {each.after!r}" for each in found)
        raise HypervisorError(
            f"{label} is there, and is another one: {differing}. Take it under another name, or delete this one first"
            " (state: absent).",
            "SNAPSHOT_DIFFERS",
            changes=[each.as_dict() for each in found],
        )
    return unchanged(snapshot, state)


def plan(view: View, options: Mapping[str, Any]) -> SnapshotPlan:
    """The snapshot to take, or an error that tells why it cannot be taken."""
    label = f"Snapshot {options['name']} of domain {view.name}"
    kind = options.get("kind") or INTERNAL
    present = disks.read(view.document)
    selected = _select(label, present, options)
    if kind == INTERNAL:
        taken = _internal(label, view, present, selected, options)
    else:
        taken = _external(label, view, selected, options)
    refuse_loss(label, [MANAGED_SAVE] if view.managed_save else [], options)
    memory = kind == INTERNAL and view.active
    state = DISK_ONLY if kind == EXTERNAL and view.active else view.state if view.active else SHUTDOWN
    snapshot = Snapshot(
        name=options["name"],
        kind=kind,
        state=state,
        memory=memory,
        disks=taken,
        description=options.get("description") or "",
        parent=view.current,
    )
    snapshot = replace(snapshot, document=_document(snapshot, present))
    changes = [
        Change(f"disks[{each.target}].source", each.source, each.overlay, LIVE) for each in taken if each.overlay
    ]
    made = make_plan(facts(None), facts(snapshot), changes)
    return SnapshotPlan(made.before, facts(snapshot), made.changes, snapshot, view.state, (), view.managed_save)


def _select(label: str, present: Mapping[str, Disk], options: Mapping[str, Any]) -> dict[str, str | None]:
    """The targets of the disks to take, with the files that the options give for what is written afterwards."""
    listed = options.get("disks")
    if listed is None:
        selected: dict[str, str | None] = {each.target: None for each in present.values() if each.writable}
    else:
        selected = {each["target"]: each.get("file") for each in listed}
        if len(selected) < len(listed):
            raise HypervisorError(f"{label}: disks lists a target twice: list each once.", "DUPLICATE_ITEM")
    for target in selected:
        if target not in present:
            raise HypervisorError(
                f"{label}: the domain has no disk {target}: disks can list {', '.join(present) or 'nothing'}.",
                "NO_SUCH_DISK",
            )
    if not selected:
        raise HypervisorError(f"{label}: the domain has no disk of which one could be taken.", "NO_SUCH_DISK")
    return selected


def _internal(
    label: str, view: View, present: Mapping[str, Disk], selected: Mapping[str, Any], options: Mapping[str, Any]
) -> tuple[SnapshotDisk, ...]:
    if any(selected.values()) or options["quiesce"] or options["reuse_external"]:
        raise HypervisorError(
            f"{label}: disks[].file, quiesce and reuse_external are for kind: external.", "INVALID_OPTION"
        )
    left = [each.target for each in present.values() if each.writable and each.target not in selected]
    if left:
        raise HypervisorError(
            f"{label}: an internal snapshot has all disks that can be written, {', '.join(left)} as well: list them, or"
            " take kind: external.",
            "PARTIAL_SNAPSHOT",
            disks=left,
        )
    other = [each.target for each in present.values() if each.target in selected and each.format != "qcow2"]
    if other:
        raise HypervisorError(
            f"{label}: {', '.join(other)} of the domain cannot hold an internal snapshot, because only qcow2 can: take"
            " kind: external.",
            "UNSUPPORTED_DISK",
            disks=other,
        )
    return tuple(SnapshotDisk(target, present[target].source, present[target].format) for target in selected)


def _external(
    label: str, view: View, selected: Mapping[str, str | None], options: Mapping[str, Any]
) -> tuple[SnapshotDisk, ...]:
    if options["quiesce"]:
        _refuse_without_agent(label, view)
    present = disks.read(view.document)
    taken = []
    for target, file in selected.items():
        source = present[target].source
        if source is None or (file is None and source.startswith("/dev/")):
            raise HypervisorError(
                f"{label}: what is written to {target} from now on needs a file: give disks[].file.", "MISSING_OPTION"
            )
        overlay = file or disks.overlay_name(source, options["name"])
        if not overlay.startswith("/"):
            raise HypervisorError(f"{label}: disks[].file {overlay!r} has to be absolute.", "INVALID_OPTION")
        taken.append(SnapshotDisk(target, source, present[target].format, overlay))
    return tuple(taken)


def _refuse_without_agent(label: str, view: View) -> None:
    channels = list(document.children(view.document, f"devices/channel/target[@name='{AGENT}']"))
    if not view.active:
        problem = "only a running guest can be quiesced"
    elif not channels:
        problem = "the domain has no channel for the guest agent"
    elif channels[0].get("state") == "disconnected":
        problem = "the guest agent does not listen"
    else:
        return
    raise HypervisorError(
        f"{label} cannot be quiesced: {problem}. Run QEMU's guest agent in the guest, with guest_agent: true in"
        " mini.hypervisor.virt_domain, or take the snapshot without quiesce.",
        "NO_GUEST_AGENT",
    )


def _document(snapshot: Snapshot, present: Mapping[str, Disk]) -> Any:
    """What libvirt is asked for."""
    element = document.parse("<domainsnapshot><name/></domainsnapshot>")
    document.put(element, "name", snapshot.name)
    if snapshot.description:
        document.put(element, "description", snapshot.description)
    document.put(element, "memory/@snapshot", INTERNAL if snapshot.memory else "no")
    for target in present:
        taken = snapshot.disk(target)
        if taken is None and not snapshot.external:
            continue
        place = f"disks/disk[@name='{target}']"
        document.put(element, f"{place}/@snapshot", snapshot.kind if taken else "no")
        if taken and taken.overlay:
            block = taken.overlay.startswith("/dev/")
            document.put(element, f"{place}/@type", "block" if block else "file")
            document.put(element, f"{place}/driver/@type", "qcow2")
            document.put(element, f"{place}/source/@{'dev' if block else 'file'}", taken.overlay)
    return element
