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


class Connection:
    """A network, on the bridge of which nobody can be told anything; its server has two addresses."""

    def __init__(self, uri: str) -> None:
        self.uri, self.asked = uri, []

    def getURI(self):
        return self.uri

    def networkLookupByName(self, name):
        self.asked.append(name)
        if name == "gone":
            raise libvirt.libvirtError("gone")
        return self

    def DHCPLeases(self, mac):
        lease = {"type": libvirt.VIR_IP_ADDR_TYPE_IPV4, "ipaddr": "192.168.122.31", "prefix": 24, "clientid": None}
        return [{**lease, "type": libvirt.VIR_IP_ADDR_TYPE_IPV6}, {**lease, "mac": mac}]

    def XMLDesc(self, _flags):
        own = "<ip address='10.0.0.1'/><ip address='192.168.122.1'/><ip family='ipv6' address='fd00::1'/>"
        return f"<network><name>default</name>{own}</network>"

    def bridgeName(self):
        return "virbr-none"


CARD = "<interface type='network'><source network='{}'/><mac address='52:54:00:c9:37:34'/></interface>"
DOMAIN = f"<domain><devices>{CARD.format('gone')}<interface type='user'/>{CARD.format('default')}</devices></domain>"


def test_the_server_on_the_lease_s_own_subnet_is_told(monkeypatch):
    told = []
    monkeypatch.setattr(leases, "_send", lambda *what: told.append(what))
    connection = Connection("qemu:///system")
    leases.give_back(connection, document.parse(DOMAIN, "domain"))
    assert connection.asked == ["gone", "default"]
    assert [(bridge, server) for _packet, bridge, server in told] == [("virbr-none", "192.168.122.1")]
    assert told[0][0][28:34].hex() == "525400c93734"


def test_where_no_server_can_be_told_nothing_is_raised():
    leases.give_back(Connection("qemu:///system"), document.parse(DOMAIN, "domain"))


@pytest.mark.parametrize("uri", ["qemu+ssh://elsewhere/system", "test:///default"])
def test_nothing_is_sent_on_a_bridge_of_another_machine(uri):
    connection = Connection(uri)
    leases.give_back(connection, document.parse(DOMAIN, "domain"))
    assert connection.asked == []
