# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import libvirt
import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._network import leases
from ansible_collections.mini.hypervisor.plugins.module_utils._xml import document


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


CARD = "<interface type='network'><source network='{}'/><mac address='52:54:00:c9:37:34'/></interface>"
DOMAIN = f"<domain><devices>{CARD.format('gone')}<interface type='user'/>{CARD.format('default')}</devices></domain>"


@pytest.fixture
def leased(monkeypatch):
    """The cards whose leases were asked for; each has one of either family on the network "default" (192.168.122.1)."""
    asked = []

    def leases_of(_network, mac):
        asked.append(mac)
        lease = {"type": libvirt.VIR_IP_ADDR_TYPE_IPV4, "mac": mac, "ipaddr": "192.168.122.31", "prefix": 24}
        return [{"type": libvirt.VIR_IP_ADDR_TYPE_IPV6}, {**lease, "clientid": None}]

    monkeypatch.setattr(libvirt.virNetwork, "DHCPLeases", leases_of)
    return asked


def test_the_network_s_server_is_told(test_driver, leased, monkeypatch):
    told = []
    monkeypatch.setattr(leases, "is_local", lambda _connection: True)
    monkeypatch.setattr(leases, "_send", lambda *what: told.append(what))
    leases.give_back(test_driver, document.parse(DOMAIN, "domain"))
    bridge = test_driver.networkLookupByName("default").bridgeName()
    packet = leases.release("192.168.122.1", "192.168.122.31", "52:54:00:c9:37:34", None)
    assert [(sent[8:], *where) for sent, *where in told] == [(packet[8:], bridge, "192.168.122.1")]


def test_where_no_server_can_be_told_nothing_is_raised(test_driver, leased, monkeypatch):
    monkeypatch.setattr(leases, "is_local", lambda _connection: True)
    monkeypatch.setattr(libvirt.virNetwork, "bridgeName", lambda _network: "virbr-none")
    leases.give_back(test_driver, document.parse(DOMAIN, "domain"))
    assert leased == ["52:54:00:c9:37:34"]


def test_nothing_is_sent_where_the_bridge_is_none_of_this_machine(test_driver, leased):
    leases.give_back(test_driver, document.parse(DOMAIN, "domain"))
    assert leased == []
