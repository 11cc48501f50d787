# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.plugin_utils._guest.problems import problems

GUEST = {"name": "web", "address": "", "ssh_port": 22022, "cloud_init": True, "host_keys": False}


def test_the_reference_guest_has_none(place):
    assert problems(place()) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"known_hypervisor": False}, ["lives on north", "not in the inventory", "guest_hypervisor"]),
        ({"guest": {**GUEST, "name": "../web"}}, ["guest_name '../web'", "not safe"]),
        ({"guest": {**GUEST, "name": "web\n"}}, ["guest_name", "not safe"]),
        ({"hostname": "web_1"}, ["guest_hostname 'web_1'", "not safe"]),
        ({"user": "Root"}, ["guest_user 'Root'", "not safe"]),
        ({"recreate": "sometimes"}, ["guest_recreate is 'sometimes'", "never, if_needed or always"]),
        ({"address": "192.0.2.2", "addresses": ["192.0.2.3/24"]}, ["both guest_address", "guest_addresses"]),
        (
            {"session": True, "uri": "qemu:///session", "guest": GUEST, "address": "192.0.2.2"},
            ["at qemu:///session cannot have an address", "port 22022 (guest_ssh_port)"],
        ),
        ({"from": "saved", "session": True}, ["saved machine", "guest_from: image"]),
        ({"from": "saved", "addresses": ["192.0.2.3/24"]}, ["saved machine", "address by DHCP"]),
        ({"vcpus": 0}, ["0 vCPUs", "1 vCPU, 128MiB and 2GiB"]),
        ({"memory": 100 << 20}, ["100 MiB of memory"]),
        ({"disk_size": 1 << 30}, ["a disk of 1024 MiB"]),
        (
            {"image_profile": "lean", "ignored": ["guest_locale"]},
            ["asks for guest_locale, which", "guest_image_profile"],
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_cannot_be_is_told(place, options, words):
    (found,) = problems(place(**options))
    assert all(word in found for word in words), found


@pytest.mark.parametrize("recreate", [True, False, "yes", "no", "always", "if_needed", "never"])
def test_it_may_be_said_in_several_ways_when_a_guest_is_made_anew(place, recreate):
    assert problems(place(recreate=recreate)) == []


def test_all_of_them_are_told_at_once(place):
    assert len(problems(place(user="Root", vcpus=0, recreate="sometimes"))) == 3
