# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role guest concludes from what it has read, by Ansible's own templates."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from ansible_collections.mini.hypervisor.plugins.filter import guests, sizes

ROLE = Path(__file__).parents[3] / "roles/guest"
HERE = {"hypervisor": "north", "uri": "qemu:///system"}
DISK = "/pool/web.qcow2"


def loaded(file):
    return DataLoader().load_from_file(str(ROLE / file), trusted_as_template=True)


@pytest.fixture(scope="module")
def role():
    return {**loaded("defaults/main.yml"), **loaded("vars/main.yml")}


@pytest.fixture
def said(role):
    """C(said("guest_name", guest_name="web")) -> the value, with those variables before the role's own."""

    def say(expression, **variables):
        given = {
            "inventory_hostname": "web",
            "playbook_dir": "/nonexistent",
            "groups": {"hypervisors": ["north"]},
            "hostvars": {"north": {}},
            **role,
            "__guest_public_key": "ssh-ed25519 AAAA",
            **variables,
        }
        templar = Templar(loader=DataLoader(), variables=given)
        for name, found in {**guests.FilterModule().filters(), **sizes.FilterModule().filters()}.items():
            templar.environment.filters[f"mini.hypervisor.{name}"] = found
        return templar.template(trust_as_template("{{ " + expression + " }}"))

    return say


def test_the_system_and_a_user_of_one_hypervisor_are_asked_apart(said):
    system, user = HERE, {**HERE, "uri": "qemu:///session"}
    answered = {"host": {"versions": {"libvirt": "9.0.0"}}}
    survey = loaded("tasks/survey.yml")[0]["vars"]
    hosts = [
        {"item": {**system, "accelerator": "auto"}, **answered},
        {"item": {**system, "accelerator": "tcg"}, **answered},
        {"item": {**user, "accelerator": "auto"}, **answered},
        {"item": {**HERE, "hypervisor": "south", "accelerator": "auto"}, "host": {"versions": {"libvirt": None}}},
        {"item": {**HERE, "hypervisor": "east", "accelerator": "auto"}, "unreachable": True},
    ]
    assert said("__guest_daemons_there", **survey, __guest_hosts={"results": hosts}) == [system, user]


def test_what_is_asked_for_is_all_there(said):
    asked = said("__guest_asked | mini.hypervisor.guest_place(__guest_seed_content, {})", guest_address="192.0.2.20")
    assert asked["problems"] == [] and asked["memory"] == 2900 << 20 and asked["disk_size"] == 10 << 30
    assert asked["guest"] == {
        "name": "web",
        "address": "192.0.2.20",
        "ssh_port": 22,
        "cloud_init": True,
        "host_keys": False,
    }
    assert (asked["written"], asked["known"], asked["way"]["remote"]) == ("", False, True)
    assert set(asked["identities"]["fetched"]["parts"]) - set(asked["identities"]["built"]["parts"]) == {
        "user-data.packages"
    }


def test_its_secrets_are_not_in_it(said):
    secrets = {
        "guest_write_files": [{"path": "/token", "content": "canary"}],
        "guest_run_commands": ["echo canary"],
        "guest_users": [{"name": "ada", "passwd": "$6$canary"}],
        "guest_user_data": {"chpasswd": {"users": [{"name": "ada", "password": "canary"}]}},
    }
    asked = said("__guest_asked | mini.hypervisor.guest_place(__guest_seed_content, {})", **secrets)
    assert "canary" not in str(asked) and "user-data.chpasswd" in asked["identities"]["built"]["parts"]


def test_the_ssh_server_finds_its_option_when_it_starts_and_the_users_files_come_last(said):
    mine = {"path": "/etc/motd", "content": "hello"}
    first, last = said("__guest_seed_content.write_files", guest_write_files=[mine])
    assert (first["path"], first["content"], last) == (
        "/etc/ssh/sshd_config.d/50-cloud-init.conf",
        "PasswordAuthentication no\n",
        mine,
    )


def test_what_cannot_be_in_a_seed_is_refused(said):
    with pytest.raises(AnsibleError, match=r"cannot be made: Unsupported parameters: users\.age"):
        said("__guest_seed_content | mini.hypervisor.guest_identities", guest_users=[{"name": "ada", "age": 36}])


@pytest.mark.parametrize(
    ("addresses", "waits"), [([], False), (["192.0.2.7/24"], False), (["192.0.2.7/24", "2001:db8::7/64"], True)]
)
def test_only_an_ipv6_address_that_was_chosen_is_looked_for_at_others(said, addresses, waits):
    image = {"root": "LABEL=root"}
    found = said("__guest_cmdline", __guest_image=image, __guest_accelerator="kvm", guest_addresses=addresses)
    assert found == "root=LABEL=root ro console=ttyS0" + " sysctl.net.ipv6.conf.default.accept_dad=0" * (not waits)


KEPT = {"__guest_kept": True, "__guest_place": {"disk_size": 10 << 30}}
PLAN = {"volume": {"capacity": 10 << 30}, "disks": {"vda": DISK, "vdb": "/pool/web-seed.iso"}}


def test_an_existing_guest_keeps_its_disks_where_they_are(said):
    kept = {**KEPT, "__guest_plan": PLAN, "guest_pool": "fast"}
    assert said("[__guest_disk_done, __guest_disk_path, __guest_seed_path]", **kept) == [True, *PLAN["disks"].values()]
    assert said("__guest_disk_done", **{**kept, "__guest_place": {"disk_size": 12 << 30}}) is False


def test_one_that_is_made_anew_is_put_where_it_shall_be(said):
    new = {"__guest_kept": False, "__guest_plan": PLAN, "__guest_disk": {"volume": {"path": "/fast/web.qcow2"}}}
    found = said("[__guest_disk_done, __guest_disk_path, __guest_seed_path]", **new)
    assert found == [False, "/fast/web.qcow2", "/fast/web-seed.iso"]


def test_who_is_removed_takes_the_seed_along_and_no_other_disk(said):
    task = next(each for each in loaded("tasks/remove.yml") if each["name"].endswith("Its seed"))
    more = {"vdc": None, "vdd": "/pool/data.iso", "vde": "/web-seed.iso.old"}
    plan = {"disks": {**PLAN["disks"], **more}}
    assert said("seeds", seeds=task["loop"], __guest_plan=plan) == ["/pool/web-seed.iso"]
    assert said("seeds", seeds=task["loop"], __guest_plan={"disks": {}}) == []


def test_one_that_is_to_be_removed_is_known_by_its_domain(said):
    (block,) = (each for each in loaded("tasks/absent.yml") if "block" in each)
    (task,) = (each for each in block["block"] if each["name"] == "Absent | Remove it and its disk")
    found = {"domains": [{"name": "web", "disks": [{"target": "vda", "source": DISK}, {"target": "vdc"}]}]}
    given = {"__guest_found": found, "__guest_host": {"host": {}}}
    assert said("plan.disks.values() | select", plan=task["vars"]["__guest_plan"], **given) == [DISK]


@pytest.mark.parametrize(
    ("uri", "network", "kinds"),
    [
        ("qemu:///system", "", ["network"]),
        ("qemu:///session", "passt", ["passt", "port_forwards"]),
        ("qemu:///session", "slirp", ["qemu_arguments"]),
    ],
)
def test_its_card_is_plugged_into_what_the_plan_says(said, uri, network, kinds):
    (task,) = loaded("tasks/domain.yml")
    options = task["mini.hypervisor.virt_domain"]
    given = {"guest_uri": uri, "guest_ssh_port": 22022, "__guest_plan": {"user_network": network}, "omit": None}
    cards = said("cards", cards=options["interfaces"], **given) or []
    arguments = said("words", words=options["qemu_arguments"], **given)
    found = {name for card in cards for name in card} | ({"qemu_arguments"} if arguments else set())
    assert sorted(found - {"mac", "model"}) == kinds
    if network == "passt":
        assert cards[0]["port_forwards"] == [{"address": "127.0.0.1", "ports": [{"start": 22022, "to": 22}]}]
    if network == "slirp":
        assert any("hostfwd=tcp:127.0.0.1:22022-:22" in word for word in arguments)


@pytest.fixture
def saved_inputs(said):
    """What names the saved machine of a guest with those variables."""
    image = {"sha256": "0" * 64, "kernel": "/images/vmlinuz", "root": "LABEL=root"}
    host = {"host": {"node": {"tsc_khz": None}}}
    there = {"__guest_image": image, "__guest_plan": host, "__guest_accelerator": "tcg", "__guest_session": False}
    return lambda **variables: said("__guest_saved_inputs", **there, guest_from="saved", **variables)


@pytest.mark.parametrize(
    "variables",
    [
        {"guest_nameservers": ["192.0.2.53"]},
        {"guest_network": "other"},
        {"guest_pool": "other"},
        {"guest_user": "ada"},
        {"guest_users": [{"name": "ada"}]},
        {"guest_packages": []},
        {"guest_write_files": [{"path": "/etc/motd", "content": "hello"}]},
        {"guest_run_commands": ["true"]},
        {"guest_user_data": {"swap": {"size": 0}}},
        {"guest_vendor_data": {"swap": {"size": 0}}},
        {"guest_timezone": "Asia/Jakarta"},
        {"guest_locale": "id_ID.UTF-8"},
    ],
    ids=lambda variables: next(iter(variables)),
)
def test_guests_that_differ_in_what_they_have_in_common_have_another_saved_machine(saved_inputs, variables):
    assert saved_inputs(**variables) != saved_inputs()


@pytest.mark.parametrize(
    "variables",
    [
        {"guest_name": "db"},
        {"guest_hostname": "db"},
        {"guest_address": "192.168.122.9"},
        {"guest_ssh_authorized_keys": ["ssh-ed25519 AAAA"]},
    ],
    ids=lambda variables: next(iter(variables)),
)
def test_and_what_each_gets_for_itself_makes_no_other_one(saved_inputs, variables):
    assert saved_inputs(**variables) == saved_inputs()


@pytest.mark.parametrize(
    ("failure", "over"),
    [
        ({"class": "cloud_init_error", "phases": {"started": 0.0}}, True),
        ({"class": "host_keys", "phases": {"started": 0.0, "finished": 31.0}}, True),
        ({"class": "cloud_init", "phases": {"started": 0.0, "sshd": 20.0}}, False),
        ({"class": "kernel_panic", "phases": {}}, False),
        ({}, False),
    ],
)
def test_a_first_boot_is_over_when_cloud_init_is_through(said, failure, over):
    assert said("__guest_boot_over", __guest_ready={"failed": True, "details": failure}) is over
    assert said("__guest_boot_over", __guest_ready={"failed": True, "msg": "It does not answer."}) is False
    assert said("__guest_boot_over", __guest_ready={"guest": {"ready": True}}) is True


BOOTED = {"guest": {"phases": {"started": 0.0, "kernel": None, "address": 3.9, "sshd": 4.2}}}
RESTORED = {"changed": True, "guest": {"took": {"restored": 0.9, "agent": 1.0, "identity": 2.4, "connected": 2.5}}}
UNTOUCHED = {"changed": False, "guest": {"took": dict.fromkeys(RESTORED["guest"]["took"])}}


@pytest.mark.parametrize(
    ("kept", "restore", "phases"),
    [
        (False, None, BOOTED["guest"]["phases"]),
        (True, None, {}),
        (False, RESTORED, {**RESTORED["guest"]["took"], **BOOTED["guest"]["phases"]}),
        (True, RESTORED, {**RESTORED["guest"]["took"], **BOOTED["guest"]["phases"]}),
        (True, UNTOUCHED, {}),
    ],
    ids=["first boot", "booted before", "restored", "defined before and restored", "restored before"],
)
def test_the_phases_are_those_that_were_seen(said, kept, restore, phases):
    seen = {"__guest_kept": kept, "__guest_ready": BOOTED}
    assert said("__guest_phases", **seen, **({"__guest_restore": restore} if restore else {})) == phases
