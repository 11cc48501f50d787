# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

SECRET = "correct horse battery staple"
CONTENT = {
    "user_data": {"password": SECRET, "users": [{"name": "seed"}]},
    "meta_data": {"local-hostname": "web"},
    "network_config": {"version": 2},
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "seed.iso"


def files(path: Path) -> dict[str, str]:
    """What a guest reads."""
    out = path.parent / "out"
    extract = ["xorriso", "-osirrox", "on", "-indev", path, "-extract", "/", out]
    subprocess.run(extract, check=True, capture_output=True)
    found = {each.name: each.read_text() for each in out.iterdir()}
    subprocess.run(["rm", "-r", out], check=True)
    return found


def cloud_config(text: str) -> dict:
    """JSON is what we write."""
    assert text.startswith("#cloud-config\n")
    return json.loads(text[len("#cloud-config\n") :])


def test_a_seed_is_made_once_and_cloud_init_can_read_it(run_module, path):
    predicted = run_module("cloudinit_seed", check=True, path=str(path), **CONTENT)
    assert predicted["changed"] and not path.exists()

    first = run_module("cloudinit_seed", path=str(path), **CONTENT)
    assert first["seed"] == predicted["seed"] and first["diff"] == predicted["diff"]
    assert first["seed"]["path"] == str(path), "a word of the user data must not be masked in the path"
    assert path.stat().st_mode & 0o7777 == 0o600
    assert list(path.parent.iterdir()) == [path], "nothing with the secrets in the clear is left"

    second = run_module("cloudinit_seed", path=str(path), **CONTENT)
    assert not second["changed"] and second["diff"]["before"] == second["diff"]["after"]
    assert SECRET not in str([predicted, first, second])

    look = ["xorriso", "-indev", path, "-pvd_info"]
    listing = subprocess.run(look, check=True, capture_output=True, text=True)
    assert "cidata" in listing.stdout
    found = files(path)
    assert set(found) == {"user-data", "meta-data", "network-config"}
    assert found["user-data"].startswith("#cloud-config\n{")
    assert json.loads(found["meta-data"]) == {
        "local-hostname": "web",
        "instance-id": first["seed"]["instance_id"],
    }


def test_other_content_is_refused_unless_allowed(run_module, path):
    first = run_module("cloudinit_seed", path=str(path), **CONTENT)
    other = {**CONTENT, "user_data": "#cloud-config\n{}"}
    refused = run_module("cloudinit_seed", path=str(path), **other)
    assert refused["code"] == "SEED_DIFFERS" and "guest_recreate: if_needed" in refused["msg"]
    assert not run_module("cloudinit_seed", path=str(path), **CONTENT)["changed"]

    replaced = run_module("cloudinit_seed", path=str(path), replace=True, **other)
    assert replaced["changed"] and replaced["seed"]["instance_id"] != first["seed"]["instance_id"]
    assert first["seed"]["sha256"] in replaced["diff"]["before"]


def test_a_foreign_file_is_never_touched(run_module, path):
    path.write_bytes(b"x" * 40000)
    for options in ({**CONTENT, "replace": True}, {"state": "absent"}):
        assert run_module("cloudinit_seed", path=str(path), **options)["code"] == "NOT_A_SEED"
    assert path.read_bytes() == b"x" * 40000


def test_what_a_killed_run_left_is_removed_with_the_next(run_module, path):
    leftover = path.parent / ".seed.iso.abc.seed"
    leftover.mkdir()
    (leftover / "user-data").write_text(SECRET)
    run_module("cloudinit_seed", path=str(path), **CONTENT)
    assert not leftover.exists() and path.exists()
    assert run_module("cloudinit_seed", path=str(path), state="absent")["changed"]
    assert not any(path.parent.iterdir())


def test_bad_input_leaves_nothing(run_module, path, monkeypatch):
    nonsense = run_module("cloudinit_seed", path=str(path), user_data="packages: [vim]")
    assert nonsense["code"] == "INVALID_OPTION" and "#cloud-config" in nonsense["msg"]
    nobody = run_module("cloudinit_seed", path=str(path), owner="nobody-here", **CONTENT)
    assert nobody["code"] == "INVALID_OPTION" and "nobody-here" in nobody["msg"]
    monkeypatch.setenv("PATH", "/nonexistent")
    assert "package xorriso" in run_module("cloudinit_seed", path=str(path), **CONTENT)["msg"]
    assert not any(path.parent.iterdir())


TYPED = {
    "hostname": "web",
    "timezone": "Europe/Berlin",
    "users": [{"name": "admin", "groups": ["sudo"], "passwd": "$6$salt$hash"}],
    "write_files": [{"path": "/etc/token", "content": SECRET, "permissions": "0600"}],
    "bootcmd": ["true"],
    "runcmd": [["echo", SECRET], "true"],
    "network": [{"mac": "52:54:00:AA:00:01"}],
}


def test_options_become_cloud_config_and_user_data_go_before_them(run_module, path):
    made = run_module("cloudinit_seed", path=str(path), **TYPED, user_data={"timezone": "UTC", "ntp": None})
    assert made["changed"] and SECRET not in str(made) and "$6$" not in str(made)
    assert set(made["seed"]["parts"]) == {
        *(f"user-data.{key}" for key in ("timezone", "ntp", "users", "write_files", "bootcmd", "runcmd")),
        *("network-config", "meta-data.local-hostname"),
    }
    found = files(path)
    config = cloud_config(found["user-data"])
    assert config["timezone"] == "UTC" and "ntp" in config
    assert config["users"] == [
        {"name": "admin", "groups": ["sudo"], "passwd": "$6$salt$hash", "lock_passwd": False},
    ]
    assert config["write_files"] == TYPED["write_files"] and config["runcmd"] == TYPED["runcmd"]
    assert json.loads(found["network-config"])["ethernets"]["primary"]["match"] == {"macaddress": "52:54:00:aa:00:01"}

    changed = {**TYPED, "runcmd": ["echo other"]}
    other = run_module(
        "cloudinit_seed", check=True, replace=True, path=str(path), **changed, user_data={"timezone": "UTC"}
    )
    parts, now = made["seed"]["parts"], other["seed"]["parts"]
    assert {key for key in parts | now if parts.get(key) != now.get(key)} == {"user-data.runcmd", "user-data.ntp"}


def test_a_spent_seed_has_no_secrets_and_is_the_same_instance(run_module, path):
    first = run_module("cloudinit_seed", path=str(path), **TYPED)
    whole, size = files(path), path.stat().st_size
    with path.open("rb") as guest:
        assert run_module("cloudinit_seed", check=True, state="spent", path=str(path), **TYPED)["changed"]
        assert files(path) == whole
        spent = run_module("cloudinit_seed", state="spent", path=str(path), **TYPED)
        assert spent["changed"] and spent["seed"] == {**first["seed"], "spent": True}
        assert SECRET.encode() not in guest.read(), "a running guest has the file open"
    assert SECRET.encode() not in path.read_bytes() and path.stat().st_size == size
    left = files(path)
    assert cloud_config(left["user-data"]) == {"bootcmd": ["true"]}
    assert left["meta-data"] == whole["meta-data"] and left["network-config"] == whole["network-config"]

    for state in ("spent", "present"):
        assert not run_module("cloudinit_seed", state=state, path=str(path), **TYPED)["changed"]
    again = run_module("cloudinit_seed", replace=True, path=str(path), **TYPED)
    assert again["changed"] and again["seed"] == first["seed"] and files(path) == whole


@pytest.mark.parametrize("text", ["#!/bin/sh\n", f"#!/bin/sh\necho {SECRET}"])
def test_nothing_is_left_of_a_script(run_module, path, text):
    options = {"path": str(path), "user_data": text, "vendor_data": {"runcmd": [SECRET], "final_message": "done"}}
    run_module("cloudinit_seed", **options)
    assert run_module("cloudinit_seed", state="spent", **options)["changed"]
    left = files(path)
    assert cloud_config(left["user-data"]) == {} and cloud_config(left["vendor-data"]) == {"final_message": "done"}


def test_a_run_that_was_killed_while_it_took_secrets_out_is_finished_by_the_next(run_module, path):
    run_module("cloudinit_seed", path=str(path), **TYPED)
    whole = path.read_bytes()
    run_module("cloudinit_seed", state="spent", path=str(path), **TYPED)
    spent = path.read_bytes()
    descriptor = slice(32768, 34816)
    path.write_bytes(spent[: descriptor.start] + whole[descriptor] + spent[descriptor.stop :])
    finished = run_module("cloudinit_seed", state="spent", path=str(path), **TYPED)
    assert finished["changed"] and path.read_bytes() == spent


def test_a_seed_that_is_lost_after_first_boot_comes_back_without_secrets(run_module, path):
    made = run_module("cloudinit_seed", state="spent", path=str(path), **TYPED)
    assert made["changed"] and made["seed"]["spent"] and SECRET.encode() not in path.read_bytes()


@pytest.mark.parametrize(
    "options, where",
    [
        ({"user_data": {"packges": ["vim"]}}, "user_data.packges"),
        ({"vendor_data": {"users": [{"name": "x", "sshkeys": []}]}}, "vendor_data.users[0].sshkeys"),
        ({"network_config": {"version": 2, "ethernet": {}}}, "network_config.ethernet"),
    ],
)
def test_an_unknown_key_is_refused_or_told(run_module, path, options, where):
    refused = run_module("cloudinit_seed", path=str(path), **options)
    assert refused["code"] == "UNKNOWN_KEY" and refused["details"]["path"] == where and not path.exists()
    warned = run_module("cloudinit_seed", path=str(path), unknown_keys="warn", **options)
    assert warned["changed"] and where in str(warned["warnings"])


@pytest.mark.parametrize(
    "options, where",
    [
        ({"user_data": {"runcmd": SECRET}}, "user_data.runcmd"),
        ({"users": [{"name": "x", "passwd": SECRET}]}, "users[0].passwd"),
        ({"write_files": [{"path": "etc/token"}]}, "write_files[0].path"),
        ({"write_files": [{"path": "/etc/token", "permissions": "384"}, {"path": "/x"}]}, "write_files[0].permissions"),
        ({"runcmd": [["echo", 1]]}, "runcmd[0]"),
        ({"network": [{"mac": "52:54:00"}]}, "network[0].mac"),
    ],
)
def test_what_cloud_init_would_not_take_is_refused_before_anything_is_written(run_module, path, options, where):
    refused = run_module("cloudinit_seed", path=str(path), **options)
    assert refused["code"] == "INVALID_OPTION" and refused["details"]["path"] == where
    assert SECRET not in str(refused) and not path.exists()
