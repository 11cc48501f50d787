# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role guest concludes from what it has read, by Ansible's own templates."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

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
        return Templar(loader=DataLoader(), variables=given).template(trust_as_template("{{ " + expression + " }}"))

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
