# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

POOL = {"name": "lab", "path": "/srv/lab"}


def test_a_pool_is_defined_once(virt, test_driver):
    predicted = virt("virt_pool", check=True, **POOL)
    assert predicted["changed"]
    assert "lab" not in test_driver.listStoragePools()

    first = virt("virt_pool", **POOL)
    assert first["changed"] and first["pool"]["state"] == "active"
    assert [c["path"] for c in first["changes"]] == [c["path"] for c in predicted["changes"]]
    assert "lab" in test_driver.listStoragePools()

    second = virt("virt_pool", **POOL)
    assert not second["changed"] and second["changes"] == []
    assert second["diff"]["before"] == second["diff"]["after"]


def test_a_changed_path_is_redefined_under_the_same_uuid(virt, test_driver):
    uuid = virt("virt_pool", state="inactive", **POOL)["pool"]["uuid"]
    changed = virt("virt_pool", name="lab", state="present", path="/srv//other/")
    assert changed["changes"] == [{"path": "path", "before": "/srv/lab", "after": "/srv/other", "applied": "live"}]
    assert changed["pool"]["uuid"] == uuid
    assert "-    <path>/srv/lab</path>" not in changed["diff"]["after"]


def test_states_and_autostart(virt, test_driver):
    virt("virt_pool", **POOL)
    assert virt("virt_pool", name="lab", state="inactive")["pool"]["state"] == "inactive"
    assert not virt("virt_pool", name="lab", state="present")["changed"]
    assert virt("virt_pool", name="lab", state="inactive", autostart=True)["pool"]["autostart"]
    assert virt("virt_pool", name="lab", state="absent")["pool"] == {}
    assert not virt("virt_pool", name="lab", state="absent")["changed"]


def test_a_new_pool_needs_a_path(virt, test_driver):
    failed = virt("virt_pool", name="lab")
    assert failed["failed"] and failed["code"] == "MISSING_OPTION" and "lab" in failed["msg"]


def test_an_unsafe_name_is_refused(virt, test_driver):
    for name in ("..", "-rf", "a b", "x\n", "a;b", ""):
        assert virt("virt_pool", name=name, path="/srv/x")["code"] == "INVALID_NAME"


def test_an_unreachable_daemon_is_one_clear_message(run_module):
    failed = run_module("virt_pool", uri="qemu+unix:///system?socket=/nonexistent", **POOL)
    assert failed["code"] == "CONNECTION_FAILED"
    assert "/nonexistent" in failed["msg"]
