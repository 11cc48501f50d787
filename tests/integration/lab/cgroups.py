# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A lab host's own subtree of every control group hierarchy, so that its guests' groups are found and removed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from .slots import Slot
from .system import MS_BIND, mount


class Subtree(NamedTuple):
    """The lab host's group in one hierarchy, where that is mounted, and the type of its file system."""

    kind: str
    point: Path
    group: Path


def subtrees(slot: Slot) -> list[Subtree]:
    """One for each hierarchy of this machine."""
    # Of mounts that cover each other the last is to be seen.
    kinds = dict(re.findall(r"^\S+ (\S+) (cgroup2?) ", Path("/proc/self/mounts").read_text(), re.MULTILINE))
    return [Subtree(kind, Path(point), Path(point) / f"labhost-{slot.number}") for point, kind in kinds.items()]


def enter(slot: Slot) -> None:
    """Make the groups, and move this process into them."""
    for subtree in subtrees(slot):
        subtree.group.mkdir()
        for name in ("cpuset.cpus", "cpuset.mems"):  # a version 1 group takes no process before these are set
            given, own = subtree.point / name, subtree.group / name
            if given.exists() and own.exists():
                own.write_text(given.read_text())
        (subtree.group / "cgroup.procs").write_text("0")


def become_root(slot: Slot) -> None:
    """Within the new mount and cgroup namespace: the lab host's groups become the roots it sees."""
    for subtree in subtrees(slot):
        mount(str(subtree.group), str(subtree.point), flags=MS_BIND)
        if subtree.kind == "cgroup2":
            # Version 2 hands no controllers down from a group that has processes of its own.
            (subtree.point / "init").mkdir()
            (subtree.point / "init/cgroup.procs").write_text("0")


def remove(slot: Slot) -> None:
    """Remove the groups with all that libvirt made below them; no process is left in any."""
    for subtree in subtrees(slot):
        for directory in sorted(subtree.group.glob("**/"), reverse=True):
            directory.rmdir()
