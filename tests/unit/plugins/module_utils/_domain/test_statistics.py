# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.mini.hypervisor.plugins.module_utils._domain.statistics import nested


def test_what_libvirt_numbers_is_a_list():
    flat = {
        "cpu.time": 7,
        "vcpu.current": 2,
        "vcpu.1.time": 5,
        "vcpu.0.time": 4,
        "vcpu.0.delay": 1,
        "block.0.rd.reqs": 9,
        "net.count": 0,
    }
    assert nested(flat) == {
        "cpu_time": 7,
        "vcpu_current": 2,
        "net_count": 0,
        "vcpus": [{"number": 0, "time": 4, "delay": 1}, {"number": 1, "time": 5}],
        "blocks": [{"number": 0, "rd_reqs": 9}],
    }
