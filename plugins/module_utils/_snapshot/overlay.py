# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Overlays as files of this machine: looked at before they are used, made empty again by a rename."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from .._errors import HypervisorError
from .._image.command import Run, output
from .model import Snapshot, SnapshotDisk


def check(label: str, disk: SnapshotDisk, reuse: bool, run: Run) -> None:
    """Refuse to make an overlay over another file, or to use one that does not lie on the disk's own file."""
    overlay = Path(str(disk.overlay))
    if not reuse:
        # A block device is there before, and libvirt takes an empty file.
        if overlay.is_file() and overlay.stat().st_size:
            raise HypervisorError(
                f"{label}: {overlay} already exists: remove that file, give another one (disks[{disk.target}].file), or"
                " take it as it is (reuse_external: true).",
                "FILE_EXISTS",
                path=str(overlay),
            )
        if not overlay.parent.is_dir():
            raise HypervisorError(
                f"{label}: {overlay.parent} is no directory: give disks[{disk.target}].file.", "NO_SUCH_FILE"
            )
        return
    if not overlay.exists():
        raise HypervisorError(
            f"{label}: {overlay} does not exist: make it, or leave reuse_external out.", "NO_SUCH_FILE"
        )
    found = _info(overlay, run)
    below = found.get("full-backing-filename")
    if found.get("format") != "qcow2" or below is None or not _same(below, str(disk.source)):
        raise HypervisorError(
            f"{label}: {overlay} is no qcow2 overlay on {disk.source}, but {found.get('format')} on"
            f" {below or 'nothing'}: make it so, or leave reuse_external out.",
            "NOT_AN_OVERLAY",
            path=str(overlay),
        )


def empty(snapshot: Snapshot, run: Run) -> None:
    """Make the snapshot's overlays empty: each disk then has the content that it had when the snapshot was taken."""
    for disk in snapshot.disks:
        overlay = Path(str(disk.overlay))
        new = overlay.with_name(f".{overlay.name}.new")
        try:
            new.unlink(missing_ok=True)
            _create(new, disk, run)
            was = overlay.stat()
            os.chown(new, was.st_uid, was.st_gid)
            new.chmod(was.st_mode & 0o7777)
            new.rename(overlay)
        except OSError as error:
            raise HypervisorError(
                f"Overlay {overlay} of snapshot {snapshot.name} cannot be emptied: {error.strerror}. It is as it was.",
                "NOT_ALLOWED",
                path=str(overlay),
            ) from error
        finally:
            new.unlink(missing_ok=True)


def _create(new: Path, disk: SnapshotDisk, run: Run) -> None:
    argv = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", disk.format or "raw", "-b", str(disk.source), str(new)]
    output(run, argv)


def _info(path: Path, run: Run) -> Any:
    return json.loads(output(run, ["qemu-img", "info", "--force-share", "--output=json", str(path)]))


def _same(left: str, right: str) -> bool:
    return os.path.realpath(left) == os.path.realpath(right)
