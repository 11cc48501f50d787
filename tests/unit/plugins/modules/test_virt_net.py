# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import yaml

from ansible_collections.mini.hypervisor.plugins.modules import virt_net

NET = {
    "name": "lab",
    "bridge": {"name": "virbr9"},
    "address": "10.9.0.1/24",
    "dhcp_ranges": [{"start": "10.9.0.2", "end": "10.9.0.200"}],
}
WEB = {"mac": "52:54:00:00:00:01", "ip": "10.9.0.10", "name": "web"}
DB = {"mac": "52:54:00:00:00:02", "ip": "10.9.0.11"}


def paths(result):
    return [change["path"] for change in result["changes"]]


def test_a_network_is_made_once(virt, test_driver):
    predicted = virt("virt_net", check=True, dhcp_hosts=[WEB], **NET)
    assert predicted["changed"] and "lab" not in test_driver.listNetworks()

    first = virt("virt_net", dhcp_hosts=[WEB], **NET)
    assert first["changed"] and paths(first) == paths(predicted)
    assert "lab" in test_driver.listNetworks()
    assert {**predicted["network"], "uuid": first["network"]["uuid"]} == {
        **first["network"],
        "bridge": predicted["network"]["bridge"],
    }
    found = first["network"]
    assert (found["state"], found["forward_mode"], found["address"]) == ("active", "nat", "10.9.0.1/24")
    assert found["dhcp_hosts"] == [WEB] and found["dhcp_ranges"] == NET["dhcp_ranges"]
    assert found["mac"].startswith("52:54:00:")

    second = virt("virt_net", dhcp_hosts=[WEB], **NET)
    assert not second["changed"] and not second["restart_required"]
    assert second["diff"]["before"] == second["diff"]["after"]


def test_reservations_are_merged_by_mac_and_live(virt):
    virt("virt_net", dhcp_hosts=[WEB], **NET)
    added = virt("virt_net", name="lab", dhcp_hosts=[DB])
    assert added["network"]["dhcp_hosts"] == [WEB, {**DB, "name": None}]
    assert added["changes"][0]["applied"] == "live" and not added["restart_required"]

    swapped = [{**WEB, "ip": DB["ip"]}, {**DB, "ip": WEB["ip"]}]
    assert virt("virt_net", check=True, name="lab", dhcp_hosts=swapped)["changed"]
    result = virt("virt_net", name="lab", dhcp_hosts=swapped)
    assert {(host["mac"], host["ip"], host["name"]) for host in result["network"]["dhcp_hosts"]} == {
        (WEB["mac"], DB["ip"], "web"),
        (DB["mac"], WEB["ip"], None),
    }
    assert not virt("virt_net", name="lab", dhcp_hosts=swapped)["changed"]

    gone = virt("virt_net", name="lab", dhcp_hosts_absent=[WEB["mac"].upper()])
    assert [host["mac"] for host in gone["network"]["dhcp_hosts"]] == [DB["mac"]]
    assert not virt("virt_net", name="lab", dhcp_hosts_absent=[WEB["mac"]])["changed"]


def test_a_reservation_that_cannot_work_is_refused(virt):
    virt("virt_net", dhcp_hosts=[WEB], **NET)
    for host, code in (
        ({**DB, "ip": WEB["ip"]}, "ADDRESS_IN_USE"),
        ({**DB, "ip": "10.9.0.1"}, "ADDRESS_IN_USE"),
        ({**DB, "name": "web"}, "ADDRESS_IN_USE"),
        ({**DB, "ip": "10.8.0.5"}, "ADDRESS_OUTSIDE_SUBNET"),
        ({**DB, "ip": "10.9.0"}, "INVALID_ADDRESS"),
        ({**DB, "mac": "ff:ff:ff:ff:ff:ff"}, "INVALID_MAC"),
        ({**DB, "name": "a b"}, "INVALID_NAME"),
    ):
        for check in (True, False):
            assert virt("virt_net", check=check, name="lab", dhcp_hosts=[host])["code"] == code
    assert virt("virt_net_info", name="lab")["networks"][0]["dhcp_hosts"] == [WEB]


def test_states_and_identity(virt):
    first = virt("virt_net", state="inactive", **NET)["network"]
    assert first["state"] == "inactive"
    changed = virt("virt_net", name="lab", state="present", autostart=True, domain="lab.test", bridge={"stp": False})
    assert paths(changed) == ["bridge.stp", "domain", "autostart"]
    found = changed["network"]
    assert (found["uuid"], found["mac"], found["state"]) == (first["uuid"], first["mac"], "inactive")
    assert found["autostart"] and found["bridge"] == {"name": "virbr9", "stp": False, "delay": 0, "zone": None}
    assert virt("virt_net", name="lab")["network"]["state"] == "active"
    assert virt("virt_net", name="lab", state="absent")["network"] == {}
    assert not virt("virt_net", name="lab", state="absent")["changed"]


def test_taken_subnets_and_bridges_are_refused_in_check_mode_too(virt):
    virt("virt_net", **NET)
    for check in (True, False):
        for address in ("10.9.0.1/24", "10.9.0.129/25", "10.8.0.1/15"):
            refused = virt("virt_net", check=check, name="other", address=address)
            assert refused["code"] == "SUBNET_IN_USE" and refused["details"]["other"] == "network lab"
        refused = virt("virt_net", check=check, name="other", address="10.7.0.1/24", bridge=NET["bridge"])
        assert refused["code"] == "BRIDGE_IN_USE"
    six = '<network><bridge name="virbr%d"/><ip family="ipv6" address="%s" prefix="%d"/></network>'
    assert virt("virt_net", name="six", xml=six % (6, "fd00:9::1", 64))["changed"]
    assert virt("virt_net", name="other", xml=six % (7, "FD00:9::5", 80))["code"] == "SUBNET_IN_USE"


def test_guests_are_not_cut_off(virt, test_driver):
    virt("virt_net", **NET)
    test_driver.createXML(
        "<domain type='test'><name>web</name><memory>1024</memory><os><type>hvm</type></os><devices>"
        "<interface type='network'><source network='lab'/></interface></devices></domain>"
    )
    for state in ("inactive", "absent"):
        for check in (True, False):
            refused = virt("virt_net", check=check, name="lab", state=state)
            assert refused["code"] == "NETWORK_IN_USE" and refused["details"]["domains"] == ["web"]
    assert virt("virt_net", name="lab", state="absent", force=True)["changed"]


def test_a_document_is_what_the_network_becomes(virt):
    # Not active, because a redefinition stops a network of the test driver.
    virt("virt_net", state="inactive", dhcp_hosts=[WEB], domain="lab.test", **NET)
    before = virt("virt_net_info", name="lab")["networks"][0]
    other = f"""<network><forward/><mtu size='01400'/><bridge name='virbr%d'/><ip address='10.9.0.1'
        netmask='255.255.255.0'><dhcp><host mac='{DB["mac"].upper()}' ip='{DB["ip"]}'/></dhcp></ip></network>"""
    predicted = virt("virt_net", check=True, name="lab", state="inactive", xml=other)
    changed = virt("virt_net", name="lab", state="inactive", xml=other)
    assert paths(changed) == [
        "xml/domain",
        "xml/ip/dhcp/host[10.9.0.11]",
        "xml/ip/dhcp/range[10.9.0.2]",
        "xml/mtu",
    ]
    assert predicted["changes"] == changed["changes"]
    found = changed["network"]
    assert (found["uuid"], found["mac"], found["bridge"]) == (before["uuid"], before["mac"], before["bridge"])
    assert {host["mac"] for host in found["dhcp_hosts"]} == {WEB["mac"], DB["mac"]}
    assert (found["mtu"], found["domain"], found["dhcp_ranges"]) == (1400, None, [])
    assert not virt("virt_net", name="lab", xml=other, state="inactive")["changed"]

    # A reservation of the document takes over an address or a name.
    taking = other.replace(DB["ip"], WEB["ip"])
    found = virt("virt_net", name="lab", state="inactive", xml=taking)["network"]
    assert found["dhcp_hosts"] == [{**DB, "ip": WEB["ip"], "name": None}]


def test_a_document_may_name_its_device_in_two_ways(virt):
    net = "<network><forward dev='eth0'/><ip address='10.9.0.1' netmask='255.255.255.0'/></network>"
    assert virt("virt_net", name="lab", xml=net)["network"]["forward_devices"] == ["eth0"]
    assert not virt("virt_net", name="lab", xml=net)["changed"]
    result = virt("virt_net", name="lab", xml=net.replace("eth0", "eth1"))
    assert result["network"]["forward_devices"] == ["eth1"] and not result["restart_required"]
    assert [change["applied"] for change in result["changes"]] == ["live"]


def test_documents_of_others_or_with_mistakes_are_refused(virt):
    virt("virt_net", state="inactive", **NET)
    assert virt("virt_net", name="lab", xml="<network><name>x</name></network>")["code"] == "NAME_MISMATCH"
    uuid = "<network><uuid>6c6dd57b-4d6b-4c3a-8d2b-0d4b1b1a7c3e</uuid></network>"
    assert virt("virt_net", name="lab", xml=uuid)["code"] == "UUID_MISMATCH"
    assert virt("virt_net", name="lab", xml="<network><ipp/></network>")["code"] == "INVALID_XML"
    for wrong in ("<mtu size='big'/>", "<route address='10.1.0.1' prefix='16' gateway='10.9.0.2'/>"):
        assert virt("virt_net", name="lab", xml=f"<network>{wrong}</network>")["code"] == "INVALID_XML"


def test_what_is_missing_or_wrong_is_said(virt):
    for options, code in (
        ({}, "MISSING_OPTION"),
        ({"address": "10.9.0.0/24"}, "INVALID_ADDRESS"),
        ({"address": "10.9.0.1"}, "INVALID_ADDRESS"),
        ({"forward_mode": "bridge"}, "MISSING_OPTION"),
        ({"forward_mode": "bridge", "bridge": {"name": "br0"}, "address": "10.9.0.1/24"}, "INVALID_OPTION"),
        ({"forward_mode": "isolated", "dhcp_hosts": [WEB]}, "MISSING_OPTION"),
        ({"address": "10.9.0.1/24", "dhcp_hosts": [WEB, WEB]}, "DUPLICATE_ITEM"),
        ({"address": "10.9.0.1/24", "dhcp_hosts": [WEB], "dhcp_hosts_absent": [WEB["mac"]]}, "INVALID_OPTION"),
    ):
        for check in (True, False):
            assert virt("virt_net", check=check, name="lab", **options)["code"] == code, options
    for name in ("..", ".", "a b", "x\n", "-rf"):
        assert virt("virt_net", name=name, address="10.9.0.1/24")["code"] == "INVALID_NAME"
    assert [each["name"] for each in virt("virt_net_info")["networks"]] == ["default"]


def test_networks_are_read_also_where_the_driver_has_no_leases(virt):
    virt("virt_net", **NET)
    found = virt("virt_net_info", details=True)["networks"]
    assert [each["name"] for each in found] == ["default", "lab"]
    assert found[1]["leases"] is None and found[1]["restart_required"] is False and found[1]["autostart"] is False
    assert virt("virt_net_info", name="lab")["networks"] == found[1:]
    details = dict.fromkeys(("autostart", "restart_required", "leases"))
    assert virt("virt_net_info")["networks"] == [{**each, **details} for each in found]
    assert virt("virt_net_info", name="nowhere")["networks"] == []


def test_what_libvirt_updates_reaches_a_running_network(virt, test_driver):
    virt("virt_net", **NET, address6="fd00:9::1/64", forward_devices=["eth0"], dns={"hosts": []})
    changes = {
        "dhcp_ranges": [{"start": "10.9.0.50", "end": "10.9.0.60"}],
        "dhcp_hosts": [WEB],
        "dhcp6_ranges": [{"start": "fd00:9::50", "end": "fd00:9::60"}],
        "dhcp6_hosts": [{"name": "web", "ip": "fd00:9::10", "duid": "0:3:0:1:52:54:0:0:0:1"}],
        "forward_devices": ["eth1"],
        "portgroups": [{"name": "slow", "default": True, "bandwidth": {"inbound": {"average": 100}}}],
        "dns": {
            "hosts": [{"ip": "10.9.0.5", "names": ["printer", "printer.lab"]}],
            "txt": [{"name": "motto", "value": "tell the truth"}],
            "srv": [{"service": "ldap", "protocol": "tcp", "target": "web", "port": 389, "priority": 0}],
        },
    }
    for option, value in changes.items():
        predicted = virt("virt_net", check=True, name="lab", **{option: value})
        result = virt("virt_net", name="lab", **{option: value})
        assert predicted["changes"] == result["changes"] != []
        assert {change["applied"] for change in result["changes"]} == {"live"}
        assert not predicted["restart_required"] and not result["restart_required"]
        assert predicted["network"] == result["network"]
        assert not virt("virt_net", name="lab", **{option: value})["changed"]
    found = virt("virt_net_info", name="lab")["networks"][0]
    assert found["dhcp6_hosts"] == changes["dhcp6_hosts"] and found["dhcp_ranges"] == changes["dhcp_ranges"]
    assert found["forward_devices"] == ["eth1"] and found["dns"]["hosts"] == changes["dns"]["hosts"]
    assert found["dns"]["srv"] == [{**changes["dns"]["srv"][0], "domain": None, "priority": None, "weight": None}]
    assert found["portgroups"][0]["bandwidth"]["inbound"]["average"] == 100

    gone = {
        "dhcp6_hosts_absent": ["web"],
        "dhcp6_ranges": [],
        "portgroups": [{"name": "slow", "state": "absent"}],
        "dns": {"hosts": [], "txt": [], "srv": []},
        "forward_devices": [],
    }
    found = virt("virt_net", name="lab", **gone)["network"]
    assert not any((found["dhcp6_hosts"], found["dhcp6_ranges"], found["portgroups"], found["forward_devices"]))
    assert found["dns"] is None and not virt("virt_net", name="lab", **gone)["changed"]


def test_names_of_several_addresses_and_vague_records(virt):
    virt("virt_net", state="inactive", **NET)
    both = [{"ip": "10.9.0.5", "names": ["printer"]}, {"ip": "fd00:9::5", "names": ["printer"]}]
    vague = {"service": "ldap", "protocol": "tcp"}
    srv = [vague, {**vague, "target": "web"}, {**vague, "target": "db"}]
    for dns in ({"hosts": both, "srv": srv}, {"hosts": both[1:], "srv": srv[1:]}, {"hosts": both, "srv": srv[:1]}):
        runs = [virt("virt_net", check=check, name="lab", state="inactive", dns=dns) for check in (True, False, False)]
        assert [run["changed"] for run in runs] == [True, True, False]
        assert runs[0]["changes"] == runs[1]["changes"] and len(runs[1]["network"]["dns"]["srv"]) == len(dns["srv"])


def test_a_new_mode_keeps_what_goes_with_it(virt):
    virt("virt_net", state="inactive", **NET, forward_devices=["eth0"], nat={"port_start": 2000, "port_end": 3000})
    options = {"name": "lab", "state": "inactive"}
    for mode, devices in (("route", ["eth0"]), ("nat", ["eth0"]), ("open", []), ("isolated", []), ("nat", [])):
        found = virt("virt_net", forward_mode=mode, **options)["network"]
        assert (found["forward_mode"], found["forward_devices"], found["nat"]) == (mode, devices, None)


def test_a_mac_address_is_given_to_one_bridge(virt):
    virt("virt_net", mac="52:54:00:AA:00:01", **NET)
    for check in (True, False):
        refused = virt("virt_net", check=check, name="other", address="10.7.0.1/24", mac="52:54:00:aa:00:01")
        assert refused["code"] == "MAC_IN_USE" and refused["details"]["other"] == "network lab"


def test_the_examples_are_right_and_use_every_option(virt, test_driver):
    test_driver.lookupByName("test").destroy()  # it is on the network that the examples change
    used = set()
    for task in yaml.safe_load(virt_net.EXAMPLES):
        options = task["mini.hypervisor.virt_net"]
        used |= set(named(options))
        # Not active, because a redefinition stops a network of the test driver.
        options.setdefault("state", "inactive")
        options.pop("dnsmasq_options", None)  # it drops them: it has no dnsmasq
        runs = [virt("virt_net", check=check, **options) for check in (True, False, True, False)]
        assert [run.get("changed") for run in runs] == [True, True, False, False], task["name"]
        assert runs[0]["changes"] == runs[1]["changes"]
    known = set(named(yaml.safe_load(virt_net.DOCUMENTATION)["options"], "suboptions"))
    assert known - used == set()


def named(options, inside=None, prefix=""):
    """The paths of all options, of a task or of the documentation."""
    for name, value in options.items():
        yield prefix + name
        values = [value.get(inside) or {}] if inside else value if isinstance(value, list) else [value]
        for each in values:
            if isinstance(each, dict):
                yield from named(each, inside, f"{prefix}{name}.")
