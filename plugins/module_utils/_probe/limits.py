# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A quota of processor time and shares of it for a guest, by a control group of its own, of either version.

Groups end with the run; those of a run that was killed are removed by the next one. Nothing else of the host changes.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

from .._errors import HypervisorError
from .._host.files import read

PREFIX = "mini-hypervisor-probe-"
_PERIOD_US = 20_000
"""The time in which a quota holds: short beside a test of a second, which begins and ends in the midst of one."""
_USUAL = {1: 1024, 2: 100}
"""What a group has to which nobody gave shares, by version."""
_HEAVIEST = 10_000  # in version 2


@dataclass(frozen=True)
class Limit:
    """What a guest may have: a C(quota) in percent of a CPU, and C(shares), of which others have 1024."""

    quota: int | None
    shares: int | None

    def __bool__(self) -> bool:
        return self.quota is not None or self.shares is not None


@dataclass(frozen=True)
class Hierarchy:
    """Where the host has its control groups of processors."""

    version: int
    root: Path


def check(limit: Limit) -> None:
    """Refuse what no control group takes."""
    if limit.quota is not None and limit.quota < 5:
        raise HypervisorError(f"quota is {limit.quota}: give at least 5 percent of a CPU.", "INVALID_OPTION")
    if limit.shares is not None and not 2 <= limit.shares <= 262144:
        raise HypervisorError(
            f"shares is {limit.shares}: give 2 to 262144, of which others have 1024.", "INVALID_OPTION"
        )


def problem() -> str:
    """Why a guest can have no group here, found out by making one; empty where it can."""
    try:
        with _group(0, Limit(50, _USUAL[1])):
            return ""
    except HypervisorError as error:
        return str(error.details["reason"])


@contextmanager
def limited(pid: int, limit: Limit) -> Iterator[None]:
    """Limit a process with all its threads while the block lasts; it has to have ended then."""
    with _group(pid, limit) as directory:
        _write(directory / "cgroup.procs", str(pid))
        yield


def sweep() -> None:
    """Remove the groups of runs that were killed."""
    with suppress(HypervisorError):  # a host without such groups has none that were left
        for directory in hierarchy(read("/proc/self/mounts")).root.glob(f"{PREFIX}*"):
            run = directory.name[len(PREFIX) :].rpartition("-")[0]
            if _identity(run.partition("-")[0]) != run:
                with suppress(OSError):  # somebody else's, or removed by another run meanwhile
                    directory.rmdir()


def hierarchy(mounts: str) -> Hierarchy:
    """Where groups are made, by what is mounted; an error where the host has none that can limit processors."""
    points = re.findall(r"^\S+ (\S+) (cgroup2?) (\S+)", mounts, re.MULTILINE)
    for point, kind, options in points:
        if kind == "cgroup" and "cpu" in options.split(","):
            return Hierarchy(1, Path(point))
    for root in (Path(point) for point, kind, _options in points if kind == "cgroup2"):
        if "cpu" in read(root / "cgroup.subtree_control").split():
            return Hierarchy(2, root)
        if "cpu" in read(root / "cgroup.controllers").split():
            raise refused(f"control groups below {root} have no processors (echo +cpu >{root}/cgroup.subtree_control)")
    raise refused("no control groups are mounted that limit processors")


def settings(version: int, limit: Limit) -> dict[str, str]:
    """What is written into the files of a group, in this order."""
    found = {}
    if limit.quota is not None:
        quota = _PERIOD_US * limit.quota // 100
        if version == 1:
            found.update({"cpu.cfs_period_us": str(_PERIOD_US), "cpu.cfs_quota_us": str(quota)})
        else:
            found["cpu.max"] = f"{quota} {_PERIOD_US}"
    if limit.shares is not None:
        if version == 1:
            found["cpu.shares"] = str(limit.shares)
        else:
            weight = limit.shares * _USUAL[2] // _USUAL[1]
            found["cpu.weight"] = str(min(_HEAVIEST, max(1, weight)))
    return found


@contextmanager
def _group(number: int, limit: Limit) -> Iterator[Path]:
    found = hierarchy(read("/proc/self/mounts"))
    directory = found.root / f"{PREFIX}{_identity(str(os.getpid()))}-{number}"
    try:
        directory.mkdir()
    except OSError as error:
        raise refused(f"no control group can be made in {found.root}: {error.strerror}") from error
    try:
        for name, value in settings(found.version, limit).items():
            _write(directory / name, value)
        yield directory
    finally:
        directory.rmdir()


def _identity(pid: str) -> str:
    """A process by its number and the time of its start, as numbers are used again; empty where there is none."""
    stat = read(f"/proc/{pid}/stat")
    return f"{pid}-{stat.rpartition(')')[2].split()[19]}" if stat else ""


def _write(file: Path, value: str) -> None:
    try:
        file.write_text(value, encoding="ascii")
    except OSError as error:
        raise refused(f"{file} does not take {value}: {error.strerror}") from error


def refused(reason: str) -> HypervisorError:
    """The error where there is a C(problem)."""
    return HypervisorError(
        f"A probe guest cannot have quota or shares here: {reason}. Leave both out, or run it as root, where control"
        " groups limit processors.",
        "NO_CPU_LIMITS",
        reason=reason,
    )
