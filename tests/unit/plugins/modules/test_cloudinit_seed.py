# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import subprocess

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

    look = ["xorriso", "-indev", path, "-pvd_info", "-find", "/"]
    listing = subprocess.run(look, check=True, capture_output=True, text=True)
    assert "cidata" in listing.stdout
    assert {"'/user-data'", "'/meta-data'", "'/network-config'"} <= set(listing.stdout.split())
    subprocess.run(["xorriso", "-osirrox", "on", "-indev", path, "-extract", "/", path.parent / "out"], check=True)
    out = path.parent / "out"
    assert (out / "user-data").read_text().startswith("#cloud-config\n{")
    assert f'"instance-id": "{first["seed"]["instance_id"]}"' in (out / "meta-data").read_text()


def test_other_content_is_refused_unless_allowed(run_module, path):
    first = run_module("cloudinit_seed", path=str(path), **CONTENT)
    other = {**CONTENT, "user_data": "#cloud-config\n{}"}
    refused = run_module("cloudinit_seed", path=str(path), **other)
    assert refused["code"] == "SEED_DIFFERS" and "guest_recreate: true" in refused["msg"]
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
