# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from ipaddress import ip_network

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._network import conflicts, plan
from ansible_collections.mini.hypervisor.plugins.module_utils._network.properties import parse
from ansible_collections.mini.hypervisor.plugins.module_utils._network.stated import differences, same
from ansible_collections.mini.hypervisor.plugins.module_utils._network.updates import updates

STORED = """<network><name>lab</name><uuid>6c6dd57b-4d6b-4c3a-8d2b-0d4b1b1a7c3e</uuid><forward mode='nat'/>
<bridge name='virbr9' stp='on' delay='0'/><mac address='52:54:00:aa:bb:cc'/>
<ip address='10.9.0.1' netmask='255.255.255.0'>%s</ip></network>"""
WEB = {"mac": "52:54:00:00:00:01", "ip": "10.9.0.10", "name": "web"}
WEB_XML = "<host mac='52:54:00:00:00:01' ip='10.9.0.10' name='web'/>"
RUNNING = STORED.replace(
    "<forward mode='nat'/>", "<forward mode='nat'><nat><port start='1024' end='65535'/></nat></forward>"
)


def document(text, dhcp=""):
    return parse(text % (dhcp and f"<dhcp>{dhcp}</dhcp>"))


def active(stored="", running=""):
    return plan.NetworkFacts("active", False, document(STORED, stored), document(RUNNING, running))


def planned(actual, **options):
    return plan.plan("lab", actual, {"state": "active", "restart": "never", **options}, lambda: "52:54:00:11:22:33")


def test_a_running_network_is_the_same_but_for_what_libvirt_adds():
    assert not active().restart_required
    assert not planned(active(), restart="if_needed").changes


def test_other_changes_of_a_running_network_wait_for_a_restart():
    todo = planned(active(), domain="lab.test")
    assert [change.applied for change in todo.changes] == ["restart"]
    assert todo.defines and not todo.stops and todo.after.restart_required

    todo = planned(active(), domain="lab.test", restart="if_needed")
    assert [change.path for change in todo.changes] == ["domain", "restart_required"]
    assert todo.stops and not todo.after.restart_required


def test_a_pending_change_is_brought_about_by_a_later_run():
    pending = plan.NetworkFacts("active", False, document(STORED.replace("virbr9", "virbr8")), document(RUNNING))
    assert pending.restart_required and not planned(pending).changes
    assert planned(pending, restart="if_needed").stops


def test_reservations_alone_do_not_redefine_and_a_killed_run_is_finished():
    todo = planned(active(), dhcp_hosts=[WEB])
    assert [change.path for change in todo.changes] == [f"dhcp_hosts[{WEB['mac']}]"]
    assert not todo.defines and not todo.after.restart_required
    assert not planned(active(WEB_XML, WEB_XML), dhcp_hosts=[WEB]).changes
    killed = planned(active(WEB_XML), dhcp_hosts=[WEB])
    assert [change.path for change in killed.changes] == ["dhcp_hosts"] and not killed.after.restart_required
    assert [(update.config, update.live) for update in killed.updates] == [(False, True)]


def test_what_only_the_running_network_lacks_is_left_alone_or_brought_without_a_restart():
    pending = active(WEB_XML)
    assert pending.restart_required and not planned(pending).changes
    todo = planned(pending, restart="if_needed")
    assert [(change.path, change.applied) for change in todo.changes] == [("dhcp_hosts", "live")]
    assert not todo.stops and not todo.after.restart_required


def test_updates_go_where_they_lack_and_free_addresses_first():
    both = planned(active(), dhcp_hosts=[WEB]).updates
    assert [(update.step.removes, update.config, update.live) for update in both] == [(False, True, True)]

    other = {**WEB, "mac": "52:54:00:00:00:02", "name": None}
    moved = planned(active(WEB_XML, WEB_XML), dhcp_hosts=[other, {**WEB, "ip": "10.9.0.11", "name": None}]).updates
    assert [update.step.removes for update in moved] == [True, False, False]
    assert any('ip="10.9.0.11" name="web"' in update.step.text for update in moved)

    # The document of a running network may have its addresses in another order.
    six = "<ip family='ipv6' address='fd00:9::1' prefix='64'/>"
    stored, running = document(STORED.replace("<ip ", six + "<ip ")), document(RUNNING)
    facts = plan.NetworkFacts("active", False, stored, running)
    todo = planned(facts, dhcp_hosts=[WEB])
    assert [(update.step.index, update.config, update.live) for update in todo.updates] == [
        (1, True, False),
        (0, False, True),
    ]


def test_a_running_network_with_another_subnet_waits():
    elsewhere = plan.NetworkFacts("active", False, document(STORED), document(RUNNING.replace("10.9.0.1", "10.8.0.1")))
    todo = planned(elsewhere, dhcp_hosts=[WEB], dns={"txt": [{"name": "a", "value": "b"}]})
    assert {change.path: change.applied for change in todo.changes} == {
        f"dhcp_hosts[{WEB['mac']}]": "restart",
        "dns.txt": "live",
    }
    assert [(update.step.section.code, update.live) for update in todo.updates] == [
        ("IP_DHCP_HOST", False),
        ("DNS_TXT", True),
    ]
    assert todo.after.restart_required


def test_a_device_that_guests_use_is_not_taken_away():
    bridge = "<network><name>lab</name><forward mode='private'><interface dev='eth0'%s/></forward></network>"
    used = plan.NetworkFacts("active", False, parse(bridge % ""), parse(bridge % " connections='1'"))
    assert not used.restart_required
    todo = planned(used, forward_devices=["eth1"])
    assert [change.applied for change in todo.changes] == ["restart"] and not any(each.live for each in todo.updates)


def test_a_record_that_stands_for_others_is_not_updated_alone():
    def facts(records):
        stored, running = (text.replace("<ip ", f"<dns>{records}</dns><ip ") for text in (STORED, RUNNING))
        return plan.NetworkFacts("active", False, document(stored), document(running))

    vague, exact = {"service": "ldap", "protocol": "tcp"}, {"service": "ldap", "protocol": "tcp", "target": "web"}
    plain = facts("<srv service='ldap' protocol='tcp' target='db'/>")
    assert [each.live for each in planned(plain, dns={"srv": [exact]}).updates] == [True, True]
    todo = planned(facts("<srv service='ldap' protocol='tcp'/>"), dns={"srv": [vague, exact]})
    assert todo.defines and not todo.updates and [change.applied for change in todo.changes] == ["restart"]


def test_updates_of_one_document_alone():
    assert updates(None, None) == []
    one = updates((document(STORED), document(STORED, WEB_XML)), None)
    assert [(update.config, update.live) for update in one] == [(True, False)]


def test_a_new_network_gets_the_given_mac_and_defaults():
    todo = planned(plan.NetworkFacts(), address="10.9.0.1/24")
    element = todo.after.document
    assert element.find("mac").get("address") == "52:54:00:11:22:33"
    assert element.find("forward").get("mode") == "nat"
    isolated = planned(plan.NetworkFacts(), address="10.9.0.1/24", forward_mode="isolated").after.document
    assert isolated.find("forward") is None
    bridged = planned(plan.NetworkFacts(), forward_mode="bridge", bridge={"name": "br0"}).after.document
    assert bridged.find("mac") is None and bridged.find("ip") is None


def test_a_network_on_a_bridge_of_the_host_is_another_network():
    with pytest.raises(HypervisorError) as failure:
        planned(active(), forward_mode="bridge", bridge={"name": "br0"})
    assert failure.value.code == "RECREATE_REQUIRED"


@pytest.mark.parametrize(
    ("spelled", "stored"),
    [
        ("<forward/>", "<forward mode='nat'/>"),
        ("<forward dev='eth0'/>", "<forward mode='nat' dev='eth0'><interface dev='eth0'/></forward>"),
        ("<forward mode='nat'><nat><port start='0' end='0'/></nat></forward>", "<forward mode='nat'/>"),
        ("", "<bridge stp='on' delay='0'/>"),
        ("<bridge name='virbr1'/>", "<bridge name='virbr1' stp='on' delay='0'/>"),
        ("<mac address='52:54:0:AA:BB:CC'/>", "<mac address='52:54:00:aa:bb:cc'/>"),
        ("<mtu size='0'/><dns/><domain/><port/>", ""),
        ("<ip family='ipv6' address='FD00:0::1' prefix='064'/>", "<ip family='ipv6' address='fd00::1' prefix='64'/>"),
        ("<ip address='10.9.0.1'><dhcp/></ip>", "<ip address='10.9.0.1'></ip>"),
        ("<ip address='10.9.0.1'><dhcp><bootp file='x'/></dhcp></ip>", "<ip address='10.9.0.1'/>"),
        (
            "<portgroup name='b'/><portgroup name='a' default='no'><vlan><tag id='1'/><tag id='2'/></vlan></portgroup>",
            "<portgroup name='a'><vlan trunk='yes'><tag id='1'/><tag id='2'/></vlan></portgroup><portgroup name='b'/>",
        ),
        (
            "<dns><srv service='a' protocol='b' target='c' port='1' weight='0'/></dns>",
            "<dns><srv service='a' protocol='b' target='c' port='1'/></dns>",
        ),
        (
            "<forward mode='hostdev'><address type='pci' bus='0x3' slot='1' function='0x2'/></forward>",
            "<forward mode='hostdev' managed='no'>"
            "<address type='pci' domain='0x0000' bus='0x03' slot='0x01' function='0x2'/></forward>",
        ),
        (
            "<ip family='ipv6' address='fd00::1'><dhcp><range start='fd00::2' end='FD00::3'/><bootp/></dhcp></ip>",
            "<ip family='ipv6' address='fd00::1'><dhcp><range start='fd00::2' end='fd00::3'/></dhcp></ip>",
        ),
        ("<metadata><a xmlns='x'/><b xmlns='x'/><c/></metadata>", "<metadata><a xmlns='x'/></metadata>"),
    ],
)
def test_one_meaning_has_many_spellings(spelled, stored):
    one, other = (parse(f"<network><name>lab</name>{each}</network>") for each in (spelled, stored))
    assert same(one, other) and differences(one, other) == []


def test_differences_are_told_by_place():
    six = "<network><ip family='ipv6' address='%s' prefix='64'/></network>"
    assert [change.path for change in differences(parse(six % "fd00::2"), parse(six % "fd00::1"))] == [
        "xml/ip/@address"
    ]
    four = "<network><ip address='10.9.0.1'/></network>"
    assert [change.path for change in differences(parse(six % "fd00::1"), parse(four))] == [
        "xml/ip/@address",
        "xml/ip/@family",
        "xml/ip/@prefix",
    ]
    two = "<network><dns><txt name='a' value='b'/><txt name='c' value='d'/></dns></network>"
    changes = differences(parse(two), parse(two.replace("value='d'", "value='e'")))
    assert [(change.path, change.before, change.after) for change in changes] == [("xml/dns/txt[c]/@value", "e", "d")]
    ordered = "<network><dns><forwarder addr='10.0.0.%d'/><forwarder addr='10.0.0.%d'/></dns></network>"
    assert [change.path for change in differences(parse(ordered % (1, 2)), parse(ordered % (2, 1)))] == [
        "xml/dns/forwarder[1]/@addr",
        "xml/dns/forwarder[2]/@addr",
    ]


LINKS = [
    {"ifname": "lo", "addr_info": [{"local": "127.0.0.1", "prefixlen": 8}]},
    {},
    {
        "ifname": "eth0",
        "address": "52:54:00:aa:00:01",
        "addr_info": [
            {"local": "10.1.2.3", "prefixlen": 24},
            {"local": "fd00:1::3", "prefixlen": 64},
            {"local": "fe80::1", "prefixlen": 64},
        ],
    },
]
ROUTES = [
    {"dst": "default", "dev": "eth0"},
    {"dst": "0.0.0.0/1", "dev": "tun0"},
    {"dst": "10.8.0.0/16", "dev": "tun0"},
    {"dst": "10.20.0.1", "dev": "eth0"},
    {"type": "broadcast", "dst": "10.9.0.255", "dev": "eth0"},
]


ROUTES6 = [
    {"dst": "default", "dev": "eth0"},
    {"dst": "fe80::/64", "dev": "eth0"},
    {"dst": "fd00:8::/48", "dev": "tun0"},
    {"dst": "fd00:20::1", "dev": "eth0"},
]


def ip_command(arguments):
    """What C(ip -json) prints."""
    return 0, json.dumps(LINKS if "address" in arguments else ROUTES if "-4" in arguments else ROUTES6), ""


@pytest.mark.parametrize(
    ("subnet", "other"),
    [
        ("10.1.2.0/24", "interface eth0"),
        ("10.1.2.128/25", "interface eth0"),
        ("10.0.0.0/14", "interface eth0"),
        ("10.8.3.0/24", "route to 10.8.0.0/16"),
        ("10.20.0.0/24", "route to 10.20.0.1"),
        ("fd00:1::/64", "interface eth0"),
        ("fd00:1::/80", "interface eth0"),
        ("fd00::/30", "interface eth0"),
        ("fd00:8:0:9::/64", "route to fd00:8::/48"),
        ("fd00:20::/64", "route to fd00:20::1"),
    ],
)
def test_the_hypervisors_own_addresses_and_routes_are_taken(subnet, other):
    with pytest.raises(HypervisorError) as failure:
        conflicts.check("lab", conflicts.Claim((ip_network(subnet),)), conflicts.hypervisor(ip_command, None))
    assert failure.value.code == "SUBNET_IN_USE" and other in str(failure.value)


def test_the_hypervisors_own_interfaces_are_taken():
    parties = conflicts.hypervisor(ip_command, None)
    for claim, code in (
        (conflicts.Claim(bridge="eth0"), "BRIDGE_IN_USE"),
        (conflicts.Claim(mac="52:54:00:aa:00:01"), "MAC_IN_USE"),
    ):
        with pytest.raises(HypervisorError) as failure:
            conflicts.check("lab", claim, parties)
        assert failure.value.code == code and "interface eth0" in str(failure.value)
    subnets = (ip_network("10.9.0.0/24"), ip_network("fd00:9::/64"))
    conflicts.check("lab", conflicts.Claim(subnets, "virbr0", "52:54:00:aa:00:02"), parties)
