# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""libvirt's test driver has a running domain "test"; its console is a file and its SSH server a thread."""

from __future__ import annotations

import time

import pytest

BOOTED = (
    "[    0.0] Linux version 6.1.0\r\n[   33.4] cloud-init[655]: Cloud-init v. 22.4.2 finished at Tue, 24 Nov 2026\r\n"
)
SEEDED = """<domain type='test'><name>seeded</name><memory unit='MiB'>64</memory><os><type>hvm</type></os><devices>
  <disk type='file'><source file='{disk}'/><target dev='vda'/></disk>
  <disk type='file'><source file='{other}'/><target dev='vdb'/><readonly/></disk>
  <disk type='file'><source file='{seed}'/><target dev='vdc'/><readonly/></disk></devices></domain>"""


@pytest.fixture
def guest(tmp_path):
    log = tmp_path / "console.log"
    log.write_text(BOOTED)
    return {"name": "test", "address": "127.0.0.1", "console_log": str(log), "host_keys": False}


def test_guests_are_told_in_the_order_in_which_they_were_named(virt, test_driver, guest, server):
    ready = {**guest, "ssh_port": server(b"SSH-2.0-x\r\n")}
    closed, booting = {**guest, "ssh_port": 1}, {**ready, "cloud_init": True, "console_log": "/nonexistent/log"}
    found = virt("guest_info", guests=[closed, ready, {"name": "nobody"}, booting])
    assert not found["changed"]
    assert [each["name"] for each in found["guests"]] == ["test", "test", "nobody", "test"]
    assert [each["ready"] for each in found["guests"]] == [False, True, False, False]
    assert [each["state"] for each in found["guests"]] == ["running", "running", "absent", "running"]
    assert found["guests"][1]["cloud_init_version"] == "22.4.2" and found["guests"][1]["address"] == "127.0.0.1"


def test_those_that_are_slow_to_answer_are_waited_for_together(virt, test_driver, guest, slow_server):
    before = time.monotonic()
    found = virt("guest_info", guests=[{**guest, "ssh_port": slow_server(0.5)} for _each in range(8)])
    assert all(each["ready"] for each in found["guests"])
    assert time.monotonic() - before < 8 * 0.5


def test_the_seed_is_found_among_the_disks(virt, test_driver, run_module, tmp_path):
    seed, other, disk = (tmp_path / name for name in ("seed.iso", "other.iso", "disk.qcow2"))
    other.write_text("no seed")
    made = run_module("cloudinit_seed", path=str(seed), hostname="seeded", state="spent")
    test_driver.defineXML(SEEDED.format(seed=seed, other=other, disk=disk))
    (found,) = virt("guest_info", guests=[{"name": "seeded"}])["guests"]
    assert found["seed"] == {"path": str(seed), "sha256": made["seed"]["sha256"], "spent": True}
    seed.unlink()
    assert virt("guest_info", guests=[{"name": "seeded"}])["guests"][0]["seed"] is None
