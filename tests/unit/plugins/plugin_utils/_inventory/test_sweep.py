# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""On libvirt's test driver, which has no leases and gives each running guest a neighbour's address."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.plugin_utils._inventory import gather as gathering
from ansible_collections.mini.hypervisor.plugins.plugin_utils._inventory import sweep as sweeping
from ansible_collections.mini.hypervisor.plugins.plugin_utils._inventory.addresses import preference
from ansible_collections.mini.hypervisor.plugins.plugin_utils._inventory.gather import gather
from ansible_collections.mini.hypervisor.plugins.plugin_utils._inventory.hypervisors import Hypervisor
from ansible_collections.mini.hypervisor.plugins.plugin_utils._inventory.sweep import Wish, sweep

WISH = Wish(
    sources=("lease", "agent", "arp"),
    preference=preference(["ipv4", "ipv6"], []),
    states=("running", "paused", "pmsuspended", "shutdown", "crashed", "nostate"),
    include=(),
    exclude=(),
    timeout=20,
    agent_timeout=10,
)


@pytest.fixture
def big(host):
    return Hypervisor(host("big", web="running", db="paused", idle="shutdown", broken="crashed"), "big")


def names(found):
    return [each["name"] for each in found.guests]


def test_every_guest_by_name_with_its_state(big):
    found = sweep(big, WISH)
    states = [("broken", "crashed"), ("db", "paused"), ("idle", "shutdown"), ("web", "running")]
    assert [(each["name"], each["state"]) for each in found.guests] == states
    assert {each["hypervisor"] for each in found.guests} == {"big"}
    assert {each["uri"] for each in found.guests} == {big.uri}
    assert found.warnings == []


def test_only_a_running_guest_has_neighbours(big):
    found = {each["name"]: each for each in sweep(big, WISH).guests}
    assert found["web"]["address"].startswith("10.7.0.") and found["web"]["address_source"] == "arp"
    assert found["web"]["interfaces"][0]["addresses"][0]["address"] == found["web"]["address"]
    assert {found[name]["address"] for name in ("broken", "db", "idle")} == {None}


def test_no_source_no_address(big):
    assert {each["address"] for each in sweep(big, replace(WISH, sources=())).guests} == {None}
    assert {each["address"] for each in sweep(big, replace(WISH, sources=("lease",))).guests} == {None}


def test_an_address_that_is_not_wanted_is_not_taken(big):
    elsewhere = replace(WISH, preference=preference(["ipv4"], ["10.8.0.0/16"]))
    web = sweep(big, elsewhere).guests[-1]
    assert web["address"] is None and web["interfaces"][0]["addresses"] != []


def test_a_connected_agent_is_asked(big, monkeypatch):
    # The test driver answers for an agent, but its documents do not tell of a connected one.
    monkeypatch.setattr(sweeping, "has_agent", lambda _element: True)
    # Another connection to a file is another hypervisor: it has no guest of that UUID.
    assert sweep(big, replace(WISH, sources=("agent",))).guests[-1]["address"] is None
    default = Hypervisor("test:///default", "local")
    found = sweep(default, WISH).guests[0]
    assert found["name"] == "test" and found["address_source"] == "agent"


def test_guests_are_chosen_by_name_and_state(big):
    assert names(sweep(big, replace(WISH, include=("w*", "i*")))) == ["idle", "web"]
    assert names(sweep(big, replace(WISH, exclude=("w*", "?")))) == ["broken", "db", "idle"]
    assert names(sweep(big, replace(WISH, include=("w*",), exclude=("web",)))) == []
    assert names(sweep(big, replace(WISH, states=("paused", "running")))) == ["db", "web"]


def test_a_guest_that_vanishes_is_left_out(test_driver, monkeypatch):
    for name in ("first", "second"):
        test_driver.defineXML(
            f"<domain type='test'><name>{name}</name><memory>1</memory><os><type>hvm</type></os></domain>"
        )
    read = sweeping.document.parse

    def removing_the_next(text, root):
        if ">first<" in text:
            test_driver.lookupByName("second").undefine()
        return read(text, root)

    monkeypatch.setattr(sweeping.document, "parse", removing_the_next)
    assert names(sweep(Hypervisor("test:///default", "local"), WISH)) == ["first", "test"]


def test_hypervisors_are_read_in_their_order(host, big):
    small = Hypervisor(host("small", web="running"), "small")
    found = gather([small, big], WISH, tolerant=False)
    assert [each["hypervisor"] for each in found.guests] == ["small", *["big"] * 4]
    assert found.complete and found.warnings == []


@pytest.fixture
def absent(tmp_path):
    return Hypervisor(f"test://{tmp_path}/nowhere.xml", "absent")


def test_a_hypervisor_that_cannot_be_read_is_an_error(big, absent):
    with pytest.raises(HypervisorError) as refused:
        gather([big, absent], WISH, tolerant=False)
    assert refused.value.code == "CONNECTION_FAILED"
    assert str(refused.value).startswith("Hypervisor absent: ") and absent.uri in str(refused.value)


def test_or_a_warning(big, absent):
    found = gather([absent, big], WISH, tolerant=True)
    assert names(found) == ["broken", "db", "idle", "web"] and not found.complete
    assert len(found.warnings) == 1 and found.warnings[0].startswith("Hypervisor absent: ")


def test_a_hypervisor_that_takes_too_long_does_not_hold_up_the_others(big, monkeypatch):
    slow = Hypervisor("test:///default", "slow")
    monkeypatch.setattr(gathering, "sweep", lambda each, wish: time.sleep(10) if each == slow else sweep(each, wish))
    found = gather([slow, big], replace(WISH, timeout=1), tolerant=True)
    assert len(found.guests) == 4 and "was not read within 1 s" in found.warnings[0]
