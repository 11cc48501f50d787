# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._guest.seed_network import network_config

MAC = "52:54:00:00:00:01"


def card(**given):
    options = (
        "dhcp4",
        "dhcp6",
        "addresses",
        "gateway4",
        "gateway6",
        "nameservers",
        "search",
        "routes",
        "mtu",
        "optional",
    )
    return {**dict.fromkeys(options), "mac": MAC, **given}


def test_a_card_asks_by_its_mac_address():
    assert network_config([card()])["ethernets"]["primary"] == {
        "match": {"macaddress": MAC},
        "dhcp4": True,
        "dhcp-identifier": "mac",
    }


def test_fixed_addresses_of_both_versions():
    made = network_config(
        [
            card(
                addresses=["192.168.122.20/24", "fd00::20/64"],
                gateway4="192.168.122.1",
                gateway6="fe80::1",
                nameservers=["192.168.122.1"],
                search=["lab.test"],
                routes=[{"to": "10.0.0.0/8", "via": "192.168.122.2", "metric": 5}],
            )
        ]
    )
    assert made["ethernets"]["primary"] == {
        "match": {"macaddress": MAC},
        "dhcp4": False,
        "addresses": ["192.168.122.20/24", "fd00::20/64"],
        "routes": [
            {"to": "0.0.0.0/0", "via": "192.168.122.1"},
            {"to": "::/0", "via": "fe80::1"},
            {"to": "10.0.0.0/8", "via": "192.168.122.2", "metric": 5},
        ],
        "nameservers": {"addresses": ["192.168.122.1"], "search": ["lab.test"]},
    }


def test_a_boot_waits_for_the_first_card_only():
    made = network_config([card(), card(mac="52:54:00:00:00:02")])["ethernets"]
    assert "optional" not in made["primary"] and made["card1"]["optional"]
    assert "set-name" not in str(made)


@pytest.mark.parametrize(
    "wrong, where",
    [
        ({"mac": "52:54:00"}, "network[1].mac"),
        ({"mac": MAC.upper()}, "network[1].mac"),
        ({"addresses": ["192.168.122.20"]}, "network[1].addresses"),
        ({"addresses": ["192.168.122.20/24"], "gateway4": "192.168.1.1"}, "network[1].gateway4"),
        ({"addresses": ["192.168.122.20/24"], "gateway4": "fd00::1"}, "network[1].gateway4"),
        ({"gateway4": "192.168.1.1"}, "network[1].gateway4"),
        ({"nameservers": ["dns.example"]}, "network[1].nameservers"),
        ({"routes": [{"to": "10.0.0.1/8", "via": "10.0.0.2", "metric": None}]}, "network[1].routes[0].to"),
    ],
)
def test_what_cannot_be_is_refused_by_its_path(wrong, where):
    with pytest.raises(HypervisorError) as refused:
        network_config([card(), card(**{"mac": "52:54:00:00:00:02", **wrong})])
    assert refused.value.code == "INVALID_OPTION" and refused.value.details["path"] == where
