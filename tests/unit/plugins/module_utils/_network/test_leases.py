# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._network import leases


@pytest.mark.parametrize(
    ("client", "options"),
    [
        (None, "350107 3604c0a87a01 ff"),
        ("ff:56:50", "350107 3604c0a87a01 3d03ff5650 ff"),
    ],
)
def test_an_address_is_given_back_as_its_client_would_have(client, options):
    packet = leases.release("192.168.122.1", "192.168.122.31", "52:54:00:C9:37:34", client)
    assert packet[:4].hex() == "01010600"
    assert packet[12:28].hex() == "c0a87a1f" + 12 * "00"
    assert packet[28:236].hex() == "525400c93734" + 202 * "00"
    assert packet[236:].hex(" ") == bytes.fromhex("63825363" + options).hex(" ")


def test_where_no_server_can_be_told_nothing_is_raised(test_driver):
    leases.give_back(test_driver, "missing", "52:54:00:c9:37:34")
    leases.give_back(test_driver, "default", "52:54:00:c9:37:34")
