# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which threads count, and how their time is told."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from ansible_collections.mini.hypervisor.plugins.module_utils._probe import threads
from ansible_collections.mini.hypervisor.plugins.module_utils._probe.threads import Reading


def test_only_threads_of_virtual_cpus_count(tmp_path):
    for tid, name, time in ((7, "qemu", "9 9 1"), (8, "CPU 0/TCG", "1000000000 500 1"), (10, "ALL CPUs/TCG", "5 6 1")):
        task = tmp_path / "7" / "task" / str(tid)
        task.mkdir(parents=True)
        (task / "comm").write_text(f"{name}\n")
        (task / "schedstat").write_text(f"{time}\n")
    assert threads.times(7, tmp_path) == {8: (1_000_000_000, 500), 10: (5, 6)}


def test_the_kernel_tells_such_times_of_real_threads():
    assert len(Path(f"/proc/self/task/{threading.get_native_id()}/schedstat").read_text().split()) == 3
    assert threads.times(os.getpid()) == {}


def test_waiting_is_a_share_of_what_all_threads_did():
    second = 1_000_000_000
    before, after = {1: (0, 0), 2: (0, 0)}, {1: (second, second), 2: (2 * second, 0), 3: (9, 9)}
    found = threads.spent(Reading(10.0, before), Reading(14.0, after))
    assert found["wait_percent"] == 25.0 and found["run_percent"] == 75.0
    assert found["vcpu_threads"][0] == {"tid": 1, "run_s": 1.0, "wait_s": 1.0} and len(found["vcpu_threads"]) == 2
    assert threads.spent(Reading(1.0, {1: (5, 5)}), Reading(2.0, {1: (5, 5)}))["wait_percent"] is None
