# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.mini.hypervisor.plugins.module_utils._host import machine


def test_topology_of_two_sockets_with_threads(tmp_path):
    for cpu in range(16):
        topology = tmp_path / f"cpu{cpu}" / "topology"
        topology.mkdir(parents=True)
        (topology / "physical_package_id").write_text(f"{cpu // 8}\n")
        (topology / "core_id").write_text(f"{cpu % 4}\n")
    assert machine.topology(tmp_path) == {"cpus": 16, "sockets": 2, "cores": 4, "threads": 2}


def test_os_release_is_read_as_a_shell_would():
    text = "# comment\nID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME='Debian GNU/Linux 12'\n\n"
    assert machine.operating_system(text) == {"id": "debian", "version": "12", "pretty": "Debian GNU/Linux 12"}


def test_memory_is_in_bytes():
    assert machine.memory_info("MemTotal:        2048 kB\nHugePages_Total:       0\n") == {"MemTotal": 2097152}


def test_the_counter_is_as_fast_as_the_processor_where_that_does_not_change(tmp_path):
    assert machine.tsc_khz("tsc constant_tsc", "2445.404", tmp_path) == 2445404
    assert machine.tsc_khz("tsc constant_tsc aperfmperf", "2445.404", tmp_path) is None
    assert machine.tsc_khz("tsc", "2445.404", tmp_path) is None
    assert machine.tsc_khz("", "", tmp_path) is None
    (tmp_path / "cpu0/cpufreq").mkdir(parents=True)
    assert machine.tsc_khz("tsc constant_tsc", "2445.404", tmp_path) is None
