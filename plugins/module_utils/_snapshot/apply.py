# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Carrying a plan out: one call of libvirt a step, each waited for."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any, Mapping

from .._deps import libvirt
from .._domain import states
from .._errors import HypervisorError
from .._image.command import Run
from .._libvirt.errors import explained
from .._progress import Progress
from .._xml import document
from . import overlay, reversion, view
from .errors import NO_DOMAIN_SNAPSHOT, OPERATION_TIMEOUT, snapshot_explained
from .model import PAUSED, RUNNING, SHUTDOWN, Snapshot
from .plan import SnapshotPlan
from .waiting import merging, patiently


def _discard_save(domain: Any, todo: SnapshotPlan) -> None:
    if todo.discards_save:
        with explained(f"removing the managed save of domain {domain.name()}"):
            domain.managedSaveRemove(0)


def create(domain: Any, todo: SnapshotPlan, options: Mapping[str, Any]) -> None:
    """Take the snapshot."""
    _discard_save(domain, todo)
    snapshot = todo.snapshot
    if snapshot is None:
        raise ValueError("there is no snapshot to take in this plan")
    flags = 0
    if snapshot.external:
        flags = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY | libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_ATOMIC
        flags |= libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_QUIESCE if options["quiesce"] else 0
        flags |= libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_REUSE_EXT if options["reuse_external"] else 0
    text, progress = document.to_text(snapshot.document), Progress(options["progress_file"])
    what = f"taking snapshot {snapshot.name} of domain {domain.name()}"
    with snapshot_explained(what):
        patiently(lambda: domain.snapshotCreateXML(text, flags), what, options["deadline"], lambda: progress.say(what))


def remove(domain: Any, todo: SnapshotPlan, options: Mapping[str, Any]) -> None:
    """Delete the snapshots, the youngest first."""
    _discard_save(domain, todo)
    until = time.monotonic() + options["deadline"]
    for step in todo.steps:
        handle = view.lookup(domain, step.name)
        if handle is not None:
            _delete(domain, handle, step, until, options)


def _delete(domain: Any, handle: Any, snapshot: Snapshot, until: float, options: Mapping[str, Any]) -> None:
    metadata_only = options["metadata_only"]
    merges = snapshot.external and not metadata_only
    flags = libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY if metadata_only else 0
    what = f"{'merging' if merges else 'deleting'} snapshot {snapshot.name} of domain {domain.name()}"
    targets = [each.target for each in snapshot.disks] if merges else []
    look = merging(domain, what, targets, Progress(options["progress_file"]))
    if targets and options["force"]:
        _end_block_jobs(domain, targets)
    with snapshot_explained(what):
        while True:
            try:
                patiently(lambda: handle.delete(flags), what, max(0.0, until - time.monotonic()), look)
            except libvirt.libvirtError as error:
                if error.get_error_code() == NO_DOMAIN_SNAPSHOT:
                    return
                # An earlier run, or another one, is at it: libvirt lets nobody else in, and we wait.
                if error.get_error_code() != OPERATION_TIMEOUT or time.monotonic() > until:
                    raise
            else:
                return


def _end_block_jobs(domain: Any, targets: list[str]) -> None:
    """A daemon that dies during a merge leaves the job behind, with all of the data still in the overlay."""
    for target in targets:
        # A guest that does not run has no jobs.
        with suppress(libvirt.libvirtError):
            if domain.blockJobInfo(target, 0):
                domain.blockJobAbort(target, 0)


def revert(
    connection: Any, domain: Any, todo: SnapshotPlan, secure: Snapshot, options: Mapping[str, Any], run: Run
) -> None:
    """Go back; C(secure) is the snapshot with the passwords of its definition."""
    _discard_save(domain, todo)
    if secure.external:
        _revert_external(connection, domain, todo, secure, options, run)
        return
    flags = {
        RUNNING: libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_RUNNING,
        PAUSED: libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_PAUSED,
    }.get(options.get("domain_state") or "", 0)
    flags |= libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_FORCE if options["force"] else 0
    handle, progress = view.lookup(domain, secure.name), Progress(options["progress_file"])
    what = f"reverting domain {domain.name()} to snapshot {secure.name}"
    if handle is None:
        raise HypervisorError(f"Error while {what}: it was deleted meanwhile.", "NO_SUCH_SNAPSHOT")
    with snapshot_explained(what):
        patiently(lambda: domain.revertToSnapshot(handle, flags), what, options["deadline"], lambda: progress.say(what))


def _revert_external(
    connection: Any, domain: Any, todo: SnapshotPlan, secure: Snapshot, options: Mapping[str, Any], run: Run
) -> None:
    """What libvirt before 9.9 cannot do: empty overlays, the definition of then, the snapshot as the current one."""
    name = domain.name()
    overlay.empty(secure, run)
    with explained(f"defining domain {name} as it was"):
        connection.defineXML(document.to_text(reversion.definition(secure)))
    handle = view.lookup(domain, secure.name)
    redefine = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE | libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_CURRENT
    with snapshot_explained(f"making {secure.name} the current snapshot of domain {name}"):
        domain.snapshotCreateXML(handle.getXMLDesc(libvirt.VIR_DOMAIN_SNAPSHOT_XML_SECURE), redefine)
    if todo.state != SHUTDOWN:
        states.start(connection, domain, todo.state or RUNNING, {"timeout": options["timeout"], "force": False})
