# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from ipaddress import ip_network

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._network import conflicts, hosts, plan
from ansible_collections.mini.hypervisor.plugins.module_utils._network.properties import parse
from ansible_collections.mini.hypervisor.plugins.module_utils._network.stated import same, unmet

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
    return plan.plan("lab", actual, {"state": "active", "restart": "never", **options}, "52:54:00:11:22:33")


def test_a_running_network_is_the_same_but_for_what_libvirt_adds():
    assert not active().restart_required
    assert not planned(active(), restart="if_needed").changes


def test_other_changes_of_a_running_network_wait_for_a_restart():
    todo = planned(active(), domain="lab.test")
    assert [change.applied for change in todo.changes] == ["restart"]
    assert todo.redefines and not todo.stops and todo.after.restart_required

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
    assert not todo.redefines and not todo.after.restart_required
    assert not planned(active(WEB_XML, WEB_XML), dhcp_hosts=[WEB]).changes
    assert [change.path for change in planned(active(WEB_XML), dhcp_hosts=[WEB]).changes] == [
        f"dhcp_hosts[{WEB['mac']}]"
    ]


def test_updates_go_where_they_lack_and_free_addresses_first():
    both = hosts.updates(document(STORED), document(RUNNING), [WEB], [])
    assert [(update.removes, update.config, update.live) for update in both] == [(False, True, True)]
    assert [u.config for u in hosts.updates(document(STORED, WEB_XML), document(RUNNING), [WEB], [])] == [False]

    other = {**WEB, "mac": "52:54:00:00:00:02", "name": None}
    moved = hosts.updates(document(STORED, WEB_XML), None, [other, {**WEB, "ip": "10.9.0.11", "name": None}], [])
    assert [update.removes for update in moved] == [True, False, False]
    assert (("mac", WEB["mac"]), ("ip", "10.9.0.11"), ("name", "web")) in [update.host for update in moved]

    # A running network that still serves the old subnet cannot take a reservation of the new one.
    elsewhere = document(RUNNING.replace("10.9.0.1", "10.8.0.1"))
    assert [update.live for update in hosts.updates(document(STORED), elsewhere, [WEB], [])] == [False]


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


def test_one_meaning_has_many_spellings():
    spelled = """<network><name>lab</name><mac address='52:54:00:AA:BB:CC'/><forward/>
        <ip address='10.9.0.1' prefix='24' family='ipv4'><dhcp/></ip></network>"""
    assert unmet(parse(spelled), document(STORED)) == []
    six = "<network><ip family='ipv6' address='%s' prefix='64'/></network>"
    assert same(parse(six % "FD00:0::1"), parse(six % "fd00::1"))
    assert not same(parse(six % "fd00::2"), parse(six % "fd00::1"))
    assert [change.path for change in unmet(parse(six % "fd00::1"), document(STORED))] == [
        "xml/ip/@family",
        "xml/ip/@address",
        "xml/ip/@prefix",
    ]


LINKS = [
    {"ifname": "lo", "addr_info": [{"local": "127.0.0.1", "prefixlen": 8}]},
    {},
    {
        "ifname": "eth0",
        "addr_info": [{"local": "10.1.2.3", "prefixlen": 24}, {"local": "fe80::1", "prefixlen": 64}],
    },
]
ROUTES = [
    {"dst": "default", "dev": "eth0"},
    {"dst": "0.0.0.0/1", "dev": "tun0"},
    {"dst": "10.8.0.0/16", "dev": "tun0"},
    {"dst": "10.20.0.1", "dev": "eth0"},
    {"type": "broadcast", "dst": "10.9.0.255", "dev": "eth0"},
]


def ip_command(arguments):
    """What C(ip -json) prints."""
    return 0, json.dumps(LINKS if "address" in arguments else ROUTES if "-4" in arguments else []), ""


def test_the_hypervisors_own_addresses_and_routes_are_taken():
    parties = conflicts.hypervisor(ip_command, None)
    for subnet, bridge, code, other in (
        ("10.1.2.128/25", None, "SUBNET_IN_USE", "interface eth0"),
        ("10.8.3.0/24", None, "SUBNET_IN_USE", "route to 10.8.0.0/16"),
        ("10.20.0.0/24", None, "SUBNET_IN_USE", "route to 10.20.0.1"),
        ("10.9.0.0/24", "eth0", "BRIDGE_IN_USE", "interface eth0"),
    ):
        with pytest.raises(HypervisorError) as failure:
            conflicts.check("lab", [ip_network(subnet)], bridge, parties)
        assert failure.value.code == code and other in str(failure.value)
    conflicts.check("lab", [ip_network("10.9.0.0/24"), ip_network("fd00::/64")], "virbr0", parties)
