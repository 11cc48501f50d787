# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import shutil

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._host import accelerator

UNREACHABLE = "qemu+unix:///system?socket=/nonexistent"


@pytest.fixture(autouse=True)
def fresh_proofs(monkeypatch, tmp_path):
    monkeypatch.setattr(accelerator.proof_cache, "place", lambda: tmp_path / "accelerators.json")


def test_facts_also_where_libvirt_does_not_answer(run_module):
    host = run_module("virt_host_info", uri=UNREACHABLE, accelerators=["tcg"])["host"]
    assert host["versions"]["libvirt"] is None and host["versions"]["libvirt_python"]
    assert host["accelerators"][0]["offered"] is None
    assert any("/nonexistent" in problem for problem in host["problems"])
    assert {each["reason"] for each in host["user_networks"]} == {"libvirt does not answer"}
    assert host["node"]["cpus"] >= 1 and host["node"]["memory"] > host["node"]["memory_free"] > 0
    assert host["os"]["id"] and host["user"]["name"] and host["virtualization"]["under"]


def test_what_libvirt_does_not_tell_of_domains_is_no_problem(run_module):
    host = run_module("virt_host_info", uri="test:///default", accelerators=["tcg"])["host"]
    assert host["versions"]["libvirt"] and not any("domains" in problem for problem in host["problems"])
    passt, _slirp = host["user_networks"]
    assert not passt["usable"] and passt["reason"]


@pytest.mark.skipif(shutil.which("qemu-system-x86_64") is None, reason="QEMU is not installed")
def test_tcg_is_proven_by_running_the_guest(run_module):
    host = run_module("virt_host_info", uri=UNREACHABLE, accelerator="tcg", accelerators=["tcg"])["host"]
    proof = host["accelerators"][0]["proof"]
    assert host["accelerator"] == "tcg" and proof["answer"] == proof["expected"] and proof["seconds"] < 8


def test_a_requirement_that_is_not_met_fails_with_the_reason(run_module, monkeypatch):
    monkeypatch.setattr(accelerator.kvm, "device_problem", lambda: "/dev/kvm does not exist")
    failed = run_module("virt_host_info", uri=UNREACHABLE, accelerator="kvm", accelerators=["tcg"])
    assert failed["failed"] and failed["code"] == "ACCELERATOR_UNUSABLE"
    assert "/dev/kvm does not exist" in failed["msg"] or "not installed" in failed["msg"]
