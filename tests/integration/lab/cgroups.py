# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A lab host's own subtree of every control group hierarchy, so that its guests' groups are found and removed."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from .slots import Slot
from .system import MS_BIND, mount


def _hierarchies() -> dict[Path, str]:
    """The type of the hierarchy at each mount point; of mounts that cover each other, the one to be seen."""
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    return {Path(point): kind for _, point, kind, *_ in mounts if kind in ("cgroup", "cgroup2")}


def subtrees(slot: Slot) -> list[tuple[str, Path, Path]]:
    """For each hierarchy its type, its mount point, and the lab host's group in it."""
    return [(kind, point, point / f"labhost-{slot.number}") for point, kind in _hierarchies().items()]


def enter(slot: Slot) -> None:
    """Make the groups, and move this process into them."""
    for _, point, group in subtrees(slot):
        group.mkdir()
        for inherited in ("cpuset.cpus", "cpuset.mems"):  # a version 1 group takes no process before these are set
            if (point / inherited).exists() and (group / inherited).exists():
                (group / inherited).write_text((point / inherited).read_text())
        (group / "cgroup.procs").write_text("0")


def become_root(slot: Slot) -> None:
    """Within the new mount and cgroup namespace: the lab host's groups become the roots it sees."""
    for kind, point, group in subtrees(slot):
        mount(str(group), str(point), flags=MS_BIND)
        if kind == "cgroup2":
            # Version 2 hands no controllers down from a group that has processes of its own.
            (point / "init").mkdir()
            (point / "init/cgroup.procs").write_text("0")


def remove(slot: Slot) -> None:
    """Remove the groups with all that libvirt made below them; no process is left in any."""
    for _, _, group in subtrees(slot):
        for directory, _, _ in os.walk(group, topdown=False):
            with contextlib.suppress(FileNotFoundError):
                Path(directory).rmdir()
