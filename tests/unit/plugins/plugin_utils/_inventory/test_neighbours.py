# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from ansible_collections.mini.hypervisor.plugins.plugin_utils._inventory import neighbours

TABLE = """IP address       HW type     Flags       HW address            Mask     Device
192.168.122.10   0x1         0x2         52:54:00:00:00:01     *        virbr0
192.168.122.11   0x1         0x0         00:00:00:00:00:00     *        virbr0
10.0.0.2         0x1         0x6         52:54:00:00:00:02     *        eth0
"""


def test_complete_entries_are_read():
    found = neighbours.parse(TABLE)
    assert {address: each["hwaddr"] for address, each in found.items()} == {
        "192.168.122.10": "52:54:00:00:00:01",
        "10.0.0.2": "52:54:00:00:00:02",
    }
    assert found["10.0.0.2"]["addrs"] == [{"addr": "10.0.0.2", "prefix": 0}]


def test_this_machines_own_is_of_that_form():
    assert all(set(each) == {"hwaddr", "addrs"} for each in neighbours.own_table().values())
