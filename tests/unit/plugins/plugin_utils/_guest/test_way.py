# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way to a guest as it is written down, and as ssh understands it."""

from __future__ import annotations

import subprocess

import pytest

from ansible_collections.mini.hypervisor.plugins.plugin_utils._guest import way


def written(guest, session=False, **north):
    """The way to a guest that lives on C(north) with those variables."""
    place = {
        "inventory_hostname": guest,
        "user": "lab",
        "session": session,
        "guest": {"ssh_port": 22022 if session else 22},
        "key": "/lab/key",
        "known_hosts": "/lab/known_hosts",
        "way": way.hypervisor("north", north),
    }
    return way.written(place, "127.0.0.1" if session else "192.168.122.20")


def asked(path, name, port=None):
    """What ssh makes of a host name, and of the port that a jump names."""
    command = ["ssh", "-G", "-F", path, *(["-p", str(port)] if port else []), name]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    return dict(line.split(" ", 1) for line in said.stdout.splitlines())


@pytest.fixture
def understood(tmp_path):
    """What ssh makes of a host name, where the guest C(web) lives on C(north) with those variables."""

    def ask(name, session=False, **north):
        path = tmp_path / "ssh_config"
        path.write_text(written("web", session, **north))
        return asked(path, name, north.get("ansible_port") if name != "web" else None)

    return ask


def test_a_guest_of_this_machine_is_reached_at_its_address(understood):
    found = understood("web", ansible_connection="local")
    assert (found["hostname"], found["port"], found["user"]) == ("192.168.122.20", "22", "lab")
    assert (found["hostkeyalias"], found["stricthostkeychecking"]) == ("web", "true")
    assert "proxyjump" not in found


def test_a_guest_that_is_gone_ends_the_connection(understood):
    found = understood("web", ansible_connection="local")
    assert int(found["serveraliveinterval"]) * int(found["serveralivecountmax"]) == 60


def test_a_guest_of_a_user_is_reached_by_its_port(understood):
    found = understood("web", session=True, ansible_connection="local")
    assert (found["hostname"], found["port"]) == ("127.0.0.1", "22022")


@pytest.mark.parametrize(
    ("north", "jump"),
    [
        ({}, "north"),
        ({"ansible_host": "gate.example.com"}, "gate.example.com"),
        ({"ansible_host": "10.0.0.7", "ansible_user": "ada", "ansible_port": 2222}, "ada@[10.0.0.7]:2222"),
        ({"ansible_host": "2001:db8::7", "ansible_port": 2222}, "[2001:db8::7]:2222"),
        ({"ansible_connection": "ansible.builtin.ssh"}, "north"),
    ],
)
def test_a_guest_of_another_machine_is_reached_through_it(understood, north, jump):
    assert understood("web", **north)["proxyjump"] == jump


@pytest.mark.parametrize(
    ("north", "expected"),
    [
        ({"ansible_ssh_private_key_file": "/keys/north"}, {"identityfile": "/keys/north"}),
        ({"ansible_private_key_file": "/keys/north"}, {"identityfile": "/keys/north"}),
        (
            {"ansible_ssh_common_args": "-o UserKnownHostsFile=/x/known -o StrictHostKeyChecking=yes"},
            {"userknownhostsfile": "/x/known", "stricthostkeychecking": "true"},
        ),
        ({"ansible_ssh_common_args": "-oConnectTimeout=7 -C"}, {"connecttimeout": "7"}),
        ({"ansible_ssh_extra_args": "-J ada@gate"}, {"proxyjump": "ada@gate"}),
        (
            {"ansible_ssh_common_args": '-o ProxyCommand="ssh -W %h:%p -q gate"'},
            {"proxycommand": "ssh -W %h:%p -q gate"},
        ),
        (
            {"ansible_ssh_common_args": "-o 'ProxyCommand=ssh -W %h:%p gate'"},
            {"proxycommand": "ssh -W %h:%p gate"},
        ),
    ],
)
def test_what_the_inventory_says_of_the_way_counts_for_the_hypervisor(understood, north, expected):
    found = understood("10.0.0.7", ansible_host="10.0.0.7", **north)
    assert {key: found.get(key) for key in expected} == expected


def test_and_not_for_the_guest(understood):
    found = understood(
        "web", ansible_ssh_common_args="-o UserKnownHostsFile=/x/known", ansible_ssh_private_key_file="/k"
    )
    assert (found["userknownhostsfile"], found["identityfile"]) == ("/lab/known_hosts", "/lab/key")


def test_hypervisors_behind_one_address_have_options_of_their_own(tmp_path):
    ports = {"first": 2222, "second": 2223, "third": None}
    lab = tmp_path / "ssh_config.d"
    lab.mkdir()
    for name, port in ports.items():
        way = {"ansible_host": "10.0.0.7", "ansible_ssh_private_key_file": f"/keys/{name}"}
        (lab / name).write_text(written(f"of-{name}", **way, **({"ansible_port": port} if port else {})))
    path = tmp_path / "ssh_config"
    path.write_text(f"Include {lab}/*\n")
    for name, port in ports.items():
        assert asked(path, "10.0.0.7", port)["identityfile"] == f"/keys/{name}"
        assert asked(path, f"of-{name}")["proxyjump"] == "[10.0.0.7]" + (f":{port}" if port else "")
