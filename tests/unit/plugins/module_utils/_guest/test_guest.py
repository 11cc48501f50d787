# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The running domain "test" of libvirt's test driver has a card on the network "default"."""

from __future__ import annotations

import libvirt
import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._guest.guest import Guest

ADDRESS = "192.168.122.20"


@pytest.mark.parametrize(
    ("mac", "address", "reserved"),
    [
        ("AA:BB:CC:DD:EE:FF", ADDRESS, True),
        ("aa:bb:cc:dd:ee:00", ADDRESS, False),
        ("aa:bb:cc:dd:ee:ff", "192.168.122.21", False),
    ],
)
def test_an_address_is_reserved_for_a_card(test_driver, mac, address, reserved):
    assert not Guest(test_driver, "test").reserves(ADDRESS)
    test_driver.networkLookupByName("default").update(
        libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_LAST,
        libvirt.VIR_NETWORK_SECTION_IP_DHCP_HOST,
        -1,
        f"<host mac='{mac}' ip='{address}'/>",
        libvirt.VIR_NETWORK_UPDATE_AFFECT_LIVE,
    )
    assert Guest(test_driver, "test").reserves(ADDRESS) == reserved


def test_a_network_that_is_gone_reserves_nothing(test_driver):
    guest = Guest(test_driver, "test")
    network = test_driver.networkLookupByName("default")
    network.destroy()
    network.undefine()
    assert not guest.reserves(ADDRESS)


def test_it_is_known_how_a_guest_came_to_run(test_driver, tmp_path):
    assert Guest(test_driver, "test").state() == ("running", "")
    test_driver.lookupByName("test").save(str(tmp_path / "memory"))
    test_driver.restore(str(tmp_path / "memory"))
    assert Guest(test_driver, "test").state() == ("running", "restored")
