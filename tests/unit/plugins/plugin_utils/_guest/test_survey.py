# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest

from ansible_collections.mini.hypervisor.plugins.plugin_utils._guest import way
from ansible_collections.mini.hypervisor.plugins.plugin_utils._guest.survey import questions, survey

from .conftest import IDENTITIES

HERE = {"hypervisor": "north", "uri": "qemu:///system"}
DISK, SEED, ADDRESS = "/pool/web.qcow2", "/pool/web-seed.iso", "192.0.2.20"
IMAGE = {"path": "/images/focal.img", "source": "download"}
PARTS = {**IDENTITIES["fetched"]["parts"], "image": "ubuntu-20.04"}
WEB = {
    "name": "web",
    "state": "running",
    "interfaces": [],
    "disks": [{"target": "vda", "source": DISK}, {"target": "vdb", "source": SEED}],
    "metadata": {"image_facts": json.dumps(IMAGE), "instance_parts": json.dumps(PARTS), "boot": '{"finished": 31.2}'},
}
LOOK = {
    "name": "web",
    "ready": True,
    "state": "running",
    "address": ADDRESS,
    "seed": {"path": SEED, "sha256": IDENTITIES["fetched"]["sha256"], "spent": True},
}
SLIRP_ONLY = [
    {"name": "passt", "usable": False, "reason": "too old"},
    {"name": "slirp", "usable": True, "reason": "QEMU has it"},
]
HOST = {"versions": {"libvirt": "9.0.0"}, "problems": [], "node": {"memory": 8 << 30}, "user_networks": SLIRP_ONLY}
NETWORK = {"state": "active", "dhcp_hosts": [{"mac": "52:54:00:00:00:01", "ip": ADDRESS, "name": "web", "id": None}]}
VOLUME = {"name": "web.qcow2", "path": DISK, "capacity": 10 << 30}


THERE = {"domain": WEB, "look": LOOK, "volume": VOLUME, "host": HOST}


def answers(silent=(), **other):
    """What the hypervisor says; to the questions of C(silent) it gives what somebody was told in place of an answer."""
    domain, look, volume, host = {**THERE, **other}.values()
    found = {
        "hosts": {"item": {**HERE, "accelerator": "auto"}, "host": host},
        "domains": {"item": HERE, "domains": [{"name": "other"}, *([domain] if domain else [])]},
        "networks": {"item": {**HERE, "network": "default"}, "networks": [NETWORK]},
        "pools": {"item": {**HERE, "pool": "default"}, "volumes": [volume]},
        "guests": {"item": HERE, "guests": [look] if look else []},
    }
    for kind, message in dict(silent).items():
        found[kind] = {"item": found[kind]["item"], "msg": message}
    return {kind: [{"item": {"hypervisor": "elsewhere"}}, answer] for kind, answer in found.items()}


@pytest.fixture
def settled(place):
    """C(settled(...)) -> the guest whose way is written down, with those options."""

    def ask(**options):
        asked = place(**options)
        return {**asked, "written": options.get("written", way.written(asked, ADDRESS))}

    return ask


def planned(place, found=None):
    return survey({"web": place}, answers() if found is None else found)["web"]


def test_each_is_asked_once(place):
    places = {
        "web": place(),
        "db": place("db", network="other"),
        "ci": place("ci", accelerator="tcg"),
        "mine": place("mine", uri="qemu:///session"),
    }
    asked = questions(places)
    assert asked["domains"] == asked["guests"] == [HERE, {**HERE, "uri": "qemu:///session"}]
    assert [each["accelerator"] for each in asked["hosts"]] == ["auto", "tcg", "auto"]
    assert [each["network"] for each in asked["networks"]] == ["default", "other", "default"]
    assert len(asked["pools"]) == 2


def test_nothing_is_left_to_do_for_a_guest_that_is_as_it_shall_be(settled):
    plan = planned(settled())
    assert plan["problem"] == "" and plan["kept"] and plan["made_already"] and plan["settled"]
    assert plan["boot"] == '{"finished": 31.2}' and plan["disks"] == {"vda": DISK, "vdb": SEED}


def test_of_a_guest_that_is_not_there_all_is_left_to_do(settled):
    plan = planned(settled(), answers(domain=None, look=None))
    assert plan["problem"] == ""
    kept = ("exists", "kept", "recreated", "made_already", "settled")
    assert not any(plan[each] for each in kept) and plan["seed_changes"]
    assert plan["identities"]["built"]["parts"] == {
        "user-data.users": "1111",
        "image": "ubuntu-20.04",
        "packages": "sysbench",
    }


@pytest.mark.parametrize(
    ("found", "asked"),
    [
        (answers(volume={**VOLUME, "capacity": 5 << 30}), {}),
        (answers(look={**LOOK, "seed": None}), {}),
        (answers(look={**LOOK, "seed": {**LOOK["seed"], "spent": False}}), {}),
        (answers(look={**LOOK, "seed": {**LOOK["seed"], "sha256": "0" * 64}}), {}),
        (answers(), {"address": "192.0.2.99"}),
        (answers(domain={**WEB, "state": "shutdown"}), {"session": True}),
    ],
    ids=["disk grows", "seed is gone", "seed has secrets", "seed is another", "address", "port of a stopped guest"],
)
def test_what_a_guest_that_is_kept_needs_before_it_is_defined(settled, found, asked):
    plan = planned(settled(**asked), found)
    assert plan["problem"] == "" and plan["kept"] and not plan["made_already"]


def test_an_address_that_is_reserved_already_needs_nothing(settled):
    assert planned(settled(address=ADDRESS))["made_already"]


@pytest.mark.parametrize(
    ("found", "asked"),
    [
        (answers(look={**LOOK, "ready": False}), {}),
        (answers(look={**LOOK, "address": "192.0.2.21"}), {}),
        (answers(domain={**WEB, "metadata": {**WEB["metadata"], "boot": ""}}), {}),
        (answers(), {"known": False}),
        (answers(), {"written": "Host web"}),
    ],
    ids=["silent", "moved", "first boot not over", "host keys unknown", "way not written"],
)
def test_who_is_not_settled_is_waited_for(settled, found, asked):
    plan = planned(settled(**asked), found)
    assert plan["problem"] == "" and plan["made_already"] and not plan["settled"]


@pytest.mark.parametrize("recreate", ["never", "if_needed", "always"])
def test_one_that_was_made_from_something_else_is_kept_or_made_anew(settled, recreate):
    plan = planned(settled(image="ubuntu-24.04", recreate=recreate))
    assert (plan["kept"], plan["recreated"]) == (recreate == "never", recreate != "never")
    assert ("was made from other image than" in plan["problem"]) == (recreate == "never")


def test_one_that_is_as_it_shall_be_is_made_anew_only_where_that_is_asked_for(settled):
    assert planned(settled(recreate="if_needed"))["kept"]
    assert planned(settled(recreate=True))["recreated"]


def test_packages_count_where_they_are_in_the_image(settled):
    parts = {**IDENTITIES["built"]["parts"], "image": "ubuntu-20.04", "packages": "sysbench"}
    facts = {"image_facts": json.dumps({**IMAGE, "source": "build"}), "instance_parts": json.dumps(parts)}
    built = {**WEB, "metadata": {**WEB["metadata"], **facts}}
    look = {**LOOK, "seed": {**LOOK["seed"], "sha256": IDENTITIES["built"]["sha256"]}}
    assert planned(settled(), answers(domain=built, look=look))["settled"]
    assert "other packages" in planned(settled(packages=["sysbench", "fio"]), answers(domain=built))["problem"]


def test_one_from_a_saved_machine_is_another(settled):
    assert "other from than" in planned(settled(**{"from": "saved"}))["problem"]


def test_the_disk_of_a_guest_stays_in_its_pool(settled):
    plan = planned(settled(pool="fast"), answers())
    words = (DISK, "the pool fast of north", "guest_recreate: always", "it does not answer")
    assert all(word in plan["problem"] for word in words), plan["problem"]
    assert planned(settled(pool="fast", recreate="always"), answers())["problem"] == ""


def test_a_disk_with_a_snapshot_is_the_newest_of_its_files(settled):
    web = {**WEB, "disks": [{"target": "vda", "source": "/pool/web.monday"}, WEB["disks"][1]]}
    newest = {"name": "web.monday", "path": "/pool/web.monday", "capacity": 10 << 30}
    plan = planned(settled(), answers(domain=web, volume=newest))
    assert plan["made_already"] and plan["volume"]["name"] == "web.monday"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (answers({"hosts": "ssh: connect to host north"}), ["north cannot be looked at: ssh: connect"]),
        (
            answers(host={**HOST, "versions": {"libvirt": None}, "problems": ["Install it."]}),
            ["libvirt does not answer on north: Install it.", "mini.hypervisor.host"],
        ),
        (answers({"domains": "Timed out."}), ["The domains of north cannot be read: Timed out."]),
        (answers(domain={**WEB, "metadata": None}), ["a domain web on north that this role did not make"]),
        (answers(host={**HOST, "node": {"memory": 2 << 30}}), ["2900 MiB of memory", "2048 MiB in all"]),
    ],
    ids=["unreachable", "no hypervisor", "silent", "of somebody else", "memory"],
)
def test_what_stands_against_a_guest_is_told(settled, found, words):
    problem = planned(settled(), found)["problem"]
    assert all(word in problem for word in words), problem


def test_a_domain_of_somebody_else_may_be_replaced(settled):
    plan = planned(settled(recreate="always"), answers(domain={**WEB, "metadata": None}))
    assert plan["problem"] == "" and plan["recreated"]


def test_who_makes_the_network_is_told_with_the_plan(settled):
    assert planned(settled())["user_network"] == ""
    assert planned(settled(session=True))["user_network"] == "slirp"
    assert "too old" in planned(settled(session=True, user_network="passt", recreate="always"))["problem"]
