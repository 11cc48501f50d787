# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

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
    assert found["autostart"] and found["bridge"] == {"name": "virbr9", "stp": False, "delay": 0}
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


def test_a_document_has_to_hold_as_far_as_it_states(virt):
    # Not active, because a redefinition stops a network of the test driver.
    virt("virt_net", state="inactive", dhcp_hosts=[WEB], **NET)
    before = virt("virt_net_info", name="lab")["networks"][0]
    same = "<network><name>lab</name><forward/><ip address='10.9.0.1' prefix='24'/></network>"
    assert not virt("virt_net", name="lab", state="inactive", xml=same)["changed"]

    other = f"""<network><forward mode='nat'/><mtu size='1400'/><ip address='10.9.0.1' prefix='24'><dhcp>
        <host mac='{DB["mac"].upper()}' ip='{DB["ip"]}'/></dhcp></ip></network>"""
    changed = virt("virt_net", name="lab", state="inactive", xml=other)
    assert paths(changed) == [f"dhcp_hosts[{DB['mac']}]", "xml/mtu"]
    found = changed["network"]
    assert (found["uuid"], found["mac"], found["bridge"]) == (before["uuid"], before["mac"], before["bridge"])
    assert {host["mac"] for host in found["dhcp_hosts"]} == {WEB["mac"], DB["mac"]}
    assert not virt("virt_net", name="lab", xml=other, state="inactive")["changed"]

    assert virt("virt_net", name="lab", xml="<network><name>x</name></network>")["code"] == "NAME_MISMATCH"
    uuid = "<network><uuid>6c6dd57b-4d6b-4c3a-8d2b-0d4b1b1a7c3e</uuid></network>"
    assert virt("virt_net", name="lab", xml=uuid)["code"] == "UUID_MISMATCH"
    assert virt("virt_net", name="lab", xml="<network><ipp/></network>")["code"] == "INVALID_XML"


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
    found = virt("virt_net_info")["networks"]
    assert [each["name"] for each in found] == ["default", "lab"]
    assert found[1]["leases"] is None and found[1]["restart_required"] is False
    assert virt("virt_net_info", name="nowhere")["networks"] == []
