# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Control groups of either version; this machine's own, where it has them."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._probe import limits
from ansible_collections.mini.hypervisor.plugins.module_utils._probe.limits import Hierarchy, Limit

VERSION_1 = """\
sysfs /sys sysfs rw 0 0
cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0
cgroup /sys/fs/cgroup/cpuset cgroup rw,relatime,cpuset 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0
"""
real = pytest.mark.skipif(limits.problem() != "", reason=limits.problem())


@pytest.fixture
def version_2(tmp_path):
    """C(version_2(handed_down)) -> the mounts of a machine whose groups are of version 2, and hand this down."""

    def made(handed_down: str) -> str:
        (tmp_path / "cgroup.controllers").write_text("cpuset cpu io\n")
        (tmp_path / "cgroup.subtree_control").write_text(f"{handed_down}\n")
        return f"cgroup2 {tmp_path} cgroup2 rw,nosuid 0 0\n"

    return made


def left() -> list[Path]:
    return list(limits.hierarchy(Path("/proc/self/mounts").read_text()).root.glob(f"{limits.PREFIX}*"))


def test_the_version_that_has_processors_counts(version_2, tmp_path):
    assert limits.hierarchy(VERSION_1) == Hierarchy(1, Path("/sys/fs/cgroup/cpu,cpuacct"))
    assert limits.hierarchy(version_2("cpuset cpu")) == Hierarchy(2, tmp_path)


@pytest.mark.parametrize(("mounts", "words"), [("", "no control groups are mounted"), (None, "echo \\+cpu >")])
def test_a_host_without_says_why(version_2, mounts, words):
    with pytest.raises(HypervisorError, match=words) as failed:
        limits.hierarchy(version_2("memory") if mounts is None else mounts)
    assert failed.value.code == "NO_CPU_LIMITS" and "Leave both out" in str(failed.value)


def test_each_version_is_told_in_its_own_words():
    both = Limit(50, 2048)
    assert limits.settings(1, both) == {
        "cpu.cfs_period_us": "20000",
        "cpu.cfs_quota_us": "10000",
        "cpu.shares": "2048",
    }
    assert limits.settings(2, both) == {"cpu.max": "10000 20000", "cpu.weight": "200"}
    assert limits.settings(2, Limit(None, 2)) == {"cpu.weight": "1"}
    assert limits.settings(1, Limit(150, None))["cpu.cfs_quota_us"] == "30000"
    assert not Limit(None, None) and limits.settings(1, Limit(None, None)) == {}


@pytest.mark.parametrize("limit", [Limit(4, None), Limit(None, 1), Limit(None, 262145)])
def test_what_no_group_takes_is_refused(limit):
    with pytest.raises(HypervisorError) as failed:
        limits.check(limit)
    assert failed.value.code == "INVALID_OPTION"


@real
def test_a_process_has_its_quota_and_leaves_no_group():
    before = left()
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        with limits.limited(busy.pid, Limit(20, None)):
            assert len(left()) == len(before) + 1
            used = [Path(f"/proc/{busy.pid}/schedstat")]
            first = int(used[0].read_text().split()[0])
            time.sleep(0.5)
            assert 0.02e9 < int(used[0].read_text().split()[0]) - first < 0.15e9
            busy.kill()
            busy.wait()
    finally:
        busy.kill()
        busy.wait()
    assert left() == before


@real
def test_the_group_of_a_killed_run_is_removed_by_the_next(monkeypatch):
    root = limits.hierarchy(Path("/proc/self/mounts").read_text()).root
    ended = subprocess.Popen(["true"])
    ended.wait()
    dead, alive = (root / f"{limits.PREFIX}{owner}-1" for owner in (f"{ended.pid}-1", limits._identity("1")))
    for directory in (dead, alive):
        directory.mkdir()
    try:
        limits.sweep()
        assert alive.exists() and not dead.exists()
    finally:
        alive.rmdir()
