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


def document(**parts):
    target = f"<target><path>{parts.get('path', '/srv/lab')}</path>{parts.get('permissions', '')}</target>"
    return f"<pool type='dir'>{parts.get('start', '')}{target}</pool>"


def test_a_document_is_the_same_where_libvirt_would_store_the_same(virt, test_driver):
    lab = {"name": "lab", "state": "inactive"}
    uuid = virt("virt_pool", xml=document(), **lab)["pool"]["uuid"]
    for same in (
        document(path="/srv//lab/"),
        document(start="<name>lab</name>"),
        document(start=f"<uuid>{uuid}</uuid>"),
    ):
        assert not virt("virt_pool", xml=same, **lab)["changed"]
    cow = document(start="<features><cow state='yes'/></features>")
    predicted = virt("virt_pool", check=True, xml=cow, **lab)
    made = virt("virt_pool", xml=cow, **lab)
    change = {"path": "xml/features/cow/@state", "before": None, "after": "yes", "applied": "live"}
    assert predicted["changes"] == made["changes"] == [change] and made["pool"]["uuid"] == uuid
    assert virt("virt_pool", xml=document(), **lab)["changes"] == [{**change, "before": "yes", "after": None}]


def test_options_refine_a_document(virt, test_driver):
    made = virt("virt_pool", name="lab", state="inactive", xml=document(), path="/srv/refined", mode="711")
    assert (made["pool"]["path"], made["pool"]["mode"]) == ("/srv/refined", "0711")


def test_a_document_of_somebody_else_is_refused(virt, test_driver):
    virt("virt_pool", **POOL)
    for xml, code in (
        (document(start="<name>other</name>"), "NAME_MISMATCH"),
        (document(start="<uuid>00000000-0000-0000-0000-000000000001</uuid>"), "UUID_MISMATCH"),
        (document(permissions="<permissions><owner>root</owner></permissions>"), "INVALID_XML"),
        ("<network/>", "INVALID_XML"),
        ("<!DOCTYPE pool><pool/>", "INVALID_XML"),
    ):
        for check in (True, False):
            assert virt("virt_pool", check=check, name="lab", xml=xml)["code"] == code


def test_storage_belongs_to_one_pool(virt, test_driver):
    netfs = {"type": "netfs", "path": "/srv/n", "source": {"host": "h", "dir": "/exports"}, "state": "inactive"}
    disk = {"type": "disk", "path": "/dev", "source": {"devices": ["/dev/vdy"]}, "state": "inactive"}
    virt("virt_pool", **POOL)
    virt("virt_pool", name="net", **netfs)
    virt("virt_pool", name="disk", **disk)
    for options in (
        {"path": "/srv//lab/"},
        {**netfs, "path": "/elsewhere"},
        {"type": "logical", "source": {"name": "vg", "devices": ["/dev/vdy"]}, "state": "present"},
    ):
        for check in (True, False):
            refused = virt("virt_pool", check=check, name="other", **options)
            assert refused["code"] == "STORAGE_IN_USE" and refused["details"]["other"] in ("lab", "net", "disk")
    assert not virt("virt_pool", name="net", **netfs)["changed"]
    assert virt("virt_pool", check=True, name="other", **{**netfs, "source": {"host": "g", "dir": "/exports"}})[
        "changed"
    ]


def test_kinds_of_pools_need_their_source(virt, test_driver):
    for options, missing in (
        ({"type": "fs", "path": "/srv/x"}, "source.devices"),
        ({"type": "netfs", "path": "/srv/x", "source": {"host": "h"}}, "source.dir"),
        ({"type": "disk"}, "path and source.devices"),
    ):
        failed = virt("virt_pool", name="new", **options)
        assert failed["code"] == "MISSING_OPTION" and missing in failed["msg"]
    made = virt("virt_pool", name="vg0", type="logical", state="inactive")["pool"]
    assert (made["path"], made["source"]["name"], made["source"]["format"]) == ("/dev/vg0", "vg0", "lvm2")
    assert virt("virt_pool", name="vg0", state="present", source={"devices": ["/dev/vdz"]})["changed"]
    assert virt("virt_pool", name="vg0", state="present", mode="0700")["code"] == "INVALID_OPTION"


def test_a_transient_pool_becomes_persistent(virt, test_driver):
    test_driver.storagePoolCreateXML(
        "<pool type='dir'><name>lab</name><target><path>/srv/lab</path></target></pool>", 0
    )
    for check in (True, False):
        kept = virt("virt_pool", check=check, name="lab")
        assert {"path": "persistent", "before": False, "after": True, "applied": "live"} in kept["changes"]


def test_options_have_to_make_sense(virt, test_driver):
    for options in ({"path": "srv"}, {"mode": "9"}, {"mode": "0700", "build": False}):
        assert virt("virt_pool", **{**POOL, **options})["code"] == "INVALID_OPTION"


def test_what_takes_a_further_call_is_read_where_it_is_asked_for(virt, test_driver):
    listed = [
        virt("virt_pool_info", **asked)["pools"][0] for asked in ({}, {"details": True}, {"name": "default-pool"})
    ]
    assert [pool["autostart"] for pool in listed] == [None, False, False]
    assert len({pool["uuid"] for pool in listed}) == 1 and {pool["persistent"] for pool in listed} == {True}
