# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Overlays, with qemu-img itself."""

from __future__ import annotations

import json
import subprocess

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._image.users import backing
from ansible_collections.mini.hypervisor.plugins.module_utils._saved import overlay


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def disk(tmp_path):
    path = tmp_path / "saved.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", path, "16M"], check=True)
    subprocess.run(["qemu-io", "-c", "write -P 1 0 64k", path], check=True, capture_output=True)
    return path


def test_a_fresh_overlay_takes_the_place_of_a_used_one(disk, tmp_path):
    path = tmp_path / "web.qcow2"
    assert overlay.is_fresh(path, run)
    overlay.make_fresh(path, disk, run)
    assert overlay.is_fresh(path, run) and backing(str(path)) == str(disk)
    assert path.stat().st_mode & 0o777 == 0o600
    subprocess.run(["qemu-io", "-c", "write -P 2 1M 64k", path], check=True, capture_output=True)
    assert not overlay.is_fresh(path, run)
    overlay.make_fresh(path, disk, run)
    assert overlay.is_fresh(path, run)


def test_a_used_overlay_is_emptied_where_it_is(disk, tmp_path):
    path = tmp_path / "machine.qcow2"
    overlay.make_fresh(path, disk, run, 1 << 30)
    subprocess.run(["qemu-io", "-c", "write -P 2 1M 64k", path], check=True, capture_output=True)
    overlay.renew(path, run)
    assert overlay.is_fresh(path, run) and backing(str(path)) == str(disk)
    facts = subprocess.run(["qemu-img", "info", "--output=json", path], check=True, capture_output=True).stdout
    assert json.loads(facts)["virtual-size"] == 1 << 30


def test_an_overlay_takes_little_of_the_disk(disk, tmp_path):
    overlay.make_fresh(tmp_path / "web.qcow2", disk, run)
    assert (tmp_path / "web.qcow2").stat().st_blocks * 512 < 1 << 20


def test_files_and_domains_on_the_disk_are_found(disk, tmp_path, test_driver):
    assert overlay.users(test_driver, disk, "saved") == []
    overlay.make_fresh(tmp_path / "web.qcow2", disk, run)
    assert overlay.users(test_driver, disk, "saved") == [str(tmp_path / "web.qcow2")]
    test_driver.defineXML(
        "<domain type='test'><name>web</name><memory>65536</memory><os><type>hvm</type></os><devices>"
        f"<disk type='file'><source file='{tmp_path}/web.qcow2'/><target dev='vda'/></disk></devices></domain>"
    )
    assert overlay.users(test_driver, disk, "saved") == ["web"]
    assert overlay.users(test_driver, disk, "web") == [str(tmp_path / "web.qcow2")]


def test_a_guest_whose_overlays_are_elsewhere_is_found(disk, tmp_path, test_driver):
    middle, upper = tmp_path / "pool" / "web.qcow2", tmp_path / "snapshots" / "web.qcow2"
    for path, below in ((middle, disk), (upper, middle)):
        path.parent.mkdir()
        overlay.make_fresh(path, below, run)
    (tmp_path / "link").symlink_to(tmp_path / "pool", target_is_directory=True)
    assert overlay.users(test_driver, disk, "saved") == []  # in no pool, and of no domain
    test_driver.storagePoolDefineXML(
        f"<pool type='dir'><name>snapshots</name><target><path>{upper.parent}</path></target></pool>"
    )
    assert overlay.users(test_driver, disk, "saved") == [str(upper)]
    assert overlay.users(test_driver, tmp_path / "link" / "web.qcow2", "saved") == [str(upper)]
    test_driver.defineXML(
        "<domain type='test'><name>web</name><memory>65536</memory><os><type>hvm</type></os><devices>"
        f"<disk type='file'><source file='{upper}'/><target dev='vda'/></disk></devices></domain>"
    )
    assert overlay.users(test_driver, disk, "saved") == ["web"]


def test_what_a_killed_run_left_halfway_uses_nothing_and_is_removed(disk, tmp_path, test_driver):
    overlay.make_fresh(tmp_path / "web.qcow2", disk, run)
    (tmp_path / "web.qcow2").rename(tmp_path / ".web.qcow2.part")
    (tmp_path / ".other.part").touch()
    assert overlay.users(test_driver, disk, "saved") == []
    overlay.sweep(disk)
    assert {path.name for path in tmp_path.iterdir()} == {"saved.qcow2", ".other.part"}


def test_what_qemu_img_says_is_told(tmp_path):
    with pytest.raises(HypervisorError, match="nothing") as raised:
        overlay.make_fresh(tmp_path / "web.qcow2", tmp_path / "nothing", run)
    assert raised.value.code == "COMMAND_FAILED"
