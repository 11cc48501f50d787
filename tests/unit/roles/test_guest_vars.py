# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role guest concludes from what it has read, by Ansible's own templates."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from ansible_collections.mini.hypervisor.plugins.filter.sizes import FilterModule

ROLE = Path(__file__).parents[3] / "roles/guest"
HERE = {"hypervisor": "north", "uri": "qemu:///system"}
DISK = "/pool/web.qcow2"
WEB = {
    "name": "web",
    "disks": [{"target": "vda", "source": DISK}, {"target": "vdb", "source": "/pool/web-seed.iso"}],
}


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
            "groups": {"hypervisors": ["north"]},
            "hostvars": {"north": {}},
            **role,
            **variables,
        }
        templar = Templar(loader=DataLoader(), variables=given)
        for name, found in FilterModule().filters().items():
            templar.environment.filters[f"mini.hypervisor.{name}"] = found
        return templar.template(trust_as_template("{{ " + expression + " }}"))

    return say


def test_the_system_and_a_user_of_one_hypervisor_are_asked_apart(said):
    system, user = HERE, {**HERE, "uri": "qemu:///session"}
    answered = {"host": {"versions": {"libvirt": "9.0.0"}}}
    survey = loaded("tasks/survey.yml")[1]["vars"]
    hosts = [
        {"item": {**system, "accelerator": "auto"}, **answered},
        {"item": {**system, "accelerator": "tcg"}, **answered},
        {"item": {**user, "accelerator": "auto"}, **answered},
        {"item": {**HERE, "hypervisor": "south", "accelerator": "auto"}, "host": {"versions": {"libvirt": None}}},
        {"item": {**HERE, "hypervisor": "east", "accelerator": "auto"}, "unreachable": True},
    ]
    assert said("__guest_daemons_there", **survey, __guest_hosts={"results": hosts}) == [system, user]


@pytest.mark.parametrize("uri", ["qemu:///system", "qemu:///session"])
def test_a_guest_sees_what_its_own_libvirt_has(said, uri):
    places = [{**HERE, "uri": each} for each in ("qemu:///system", "qemu:///session")]

    def read(**more):
        return {"results": [{"item": {**each, **more}, "of": each["uri"]} for each in places]}

    hosts = read(accelerator="auto")
    hosts["results"].insert(0, {"item": {**HERE, "uri": uri, "accelerator": "tcg"}, "of": "another accelerator"})
    assert said("__guest_host.of", guest_uri=uri, __guest_hosts=hosts) == uri
    assert said("__guest_read.of", guest_uri=uri, __guest_domains=read()) == uri


@pytest.fixture
def kept(said):
    """C(said) of a guest that is there, and whose disk is the only one in the pool C(default)."""
    pools = {
        "default": {"volumes": [{"name": "web.qcow2", "path": DISK, "capacity": 10 << 30}]},
        "fast": {"volumes": []},
    }
    read = {
        "__guest_exists": True,
        "__guest_recreate": False,
        "__guest_domains": {"results": [{"item": HERE, "domains": [WEB]}]},
        "__guest_pools": {"results": [{"item": {**HERE, "pool": name}, **pool} for name, pool in pools.items()]},
    }
    return lambda expression, **variables: said(expression, **{**read, **variables})


def refused_for_its_pool(kept, **variables):
    (task,) = (each for each in loaded("tasks/identity.yml") if "its disk is in the pool" in each["name"])
    if not kept(task["when"], **variables):
        return False, ""
    assertion = task["ansible.builtin.assert"]
    return not kept(assertion["that"], **variables), kept("told", told=assertion["fail_msg"], **variables)


@pytest.mark.parametrize("pool", ["default", "fast", "of-nobody"])
def test_an_existing_guest_keeps_its_disk_whatever_its_pool_shall_be(kept, pool):
    read = {"results": [{"item": {**HERE, "pool": pool}, "msg": "There is no pool."}]} if pool == "of-nobody" else None
    variables = {"guest_pool": pool, **({"__guest_pools": read} if read else {})}
    assert kept("__guest_disk_path", **variables) == DISK
    assert kept("__guest_seed_path", **variables) == "/pool/web-seed.iso"
    assert refused_for_its_pool(kept, **variables)[0] is (pool != "default")


def test_it_is_told_where_its_disk_is_and_what_to_do(kept):
    hosts = {"north": {"host_pool_name": "fast"}}
    refused, message = refused_for_its_pool(kept, hostvars=hosts)
    assert refused and all(word in message for word in (DISK, "the pool fast of north", "guest_recreate: always"))


def test_one_that_is_made_anew_is_put_where_it_shall_be(kept):
    new = {"guest_pool": "fast", "__guest_recreate": True, "__guest_disk": {"volume": {"path": "/fast/web.qcow2"}}}
    assert not refused_for_its_pool(kept, **new)[0]
    assert (kept("__guest_disk_done", **new), kept("__guest_disk_path", **new)) == (False, "/fast/web.qcow2")
    assert kept("__guest_seed_path", **new) == "/fast/web-seed.iso"


@pytest.mark.parametrize(("size", "done"), [("10GiB", True), ("12GiB", False)])
def test_a_disk_grows_where_it_is(kept, size, done):
    assert kept("__guest_disk_done", guest_disk_size=size) is done
    assert kept("__guest_kept_volume.name") == "web.qcow2"


def test_a_disk_with_a_snapshot_is_the_newest_of_its_files(kept):
    newest = {"name": "web.monday", "path": "/pool/web.monday", "capacity": 10 << 30, "backing": {"path": DISK}}
    web = {**WEB, "disks": [{"target": "vda", "source": newest["path"]}, WEB["disks"][1]]}
    there = {
        "__guest_domains": {"results": [{"item": HERE, "domains": [web]}]},
        "__guest_pools": {"results": [{"item": {**HERE, "pool": "default"}, "volumes": [newest]}]},
    }
    assert not refused_for_its_pool(kept, **there)[0]
    assert (kept("__guest_disk_done", **there), kept("__guest_disk_path", **there)) == (True, newest["path"])


def test_who_is_removed_takes_the_seed_along_and_no_other_disk(kept):
    task = next(each for each in loaded("tasks/remove.yml") if each["name"].endswith("Its seed"))
    more = [
        {"target": "vdc"},
        {"target": "vdd", "source": "/pool/data.iso"},
        {"target": "vde", "source": "/web-seed.iso.old"},
    ]
    web = {**WEB, "disks": WEB["disks"] + more}
    read = {"results": [{"item": HERE, "domains": [web]}]}
    assert kept("seeds", seeds=task["loop"], __guest_domains=read) == ["/pool/web-seed.iso"]
    none = {"results": [{"item": HERE, "domains": [{**WEB, "disks": None}]}]}
    assert kept("seeds", seeds=task["loop"], __guest_domains=none) == []


@pytest.fixture
def saved_inputs(said):
    """What names the saved machine of a guest with those variables."""
    image = {"sha256": "0" * 64, "kernel": "/images/vmlinuz", "root": "LABEL=root"}
    host = {"item": {**HERE, "accelerator": "auto"}, "host": {"node": {"tsc_khz": None}}}
    there = {"__guest_image": image, "__guest_hosts": {"results": [host]}, "__guest_accelerator": "tcg"}
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
    ("exists", "restore", "phases"),
    [
        (False, None, BOOTED["guest"]["phases"]),
        (True, None, {}),
        (False, RESTORED, {**RESTORED["guest"]["took"], **BOOTED["guest"]["phases"]}),
        (True, RESTORED, {**RESTORED["guest"]["took"], **BOOTED["guest"]["phases"]}),
        (True, UNTOUCHED, {}),
    ],
    ids=["first boot", "booted before", "restored", "defined before and restored", "restored before"],
)
def test_the_phases_are_those_that_were_seen(said, exists, restore, phases):
    seen = {"__guest_exists": exists, "__guest_recreate": False, "__guest_ready": BOOTED}
    assert said("__guest_phases", **seen, **({"__guest_restore": restore} if restore else {})) == phases
