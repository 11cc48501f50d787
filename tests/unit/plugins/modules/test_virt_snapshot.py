# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Internal snapshots on libvirt's test driver, which knows no external ones: those are in the integration target."""

from __future__ import annotations

import pytest

GUEST = """<domain type="test"><name>web</name><memory unit="MiB">64</memory><vcpu>1</vcpu>
  <os><type>hvm</type></os><devices>
  <disk type="file" device="disk"><driver name="qemu" type="qcow2"/><source file="/srv/web.qcow2"/>
    <target dev="vda" bus="virtio"/></disk>
  <disk type="file" device="cdrom"><source file="/srv/seed.iso"/><target dev="sda" bus="sata"/><readonly/></disk>
  </devices></domain>"""
RAW = """<disk type="file" device="disk"><driver name="qemu" type="raw"/><source file="/srv/data.raw"/>
  <target dev="vdb" bus="virtio"/></disk></devices>"""


@pytest.fixture
def web(test_driver):
    return test_driver.defineXML(GUEST)


@pytest.fixture
def snapshot(virt, web):
    return lambda name, **options: virt("virt_snapshot", domain="web", name=name, **options)


def names(domain):
    return sorted(each.getName() for each in domain.listAllSnapshots(0))


def test_a_snapshot_is_taken_once(snapshot, web):
    predicted = snapshot("one", description="First", check=True)
    assert names(web) == []
    first = snapshot("one", description="First")
    assert names(web) == ["one"]
    assert first["changed"] and predicted["changes"] == first["changes"] and predicted["diff"] == first["diff"]
    assert first["changes"] == [{"path": "state", "before": "absent", "after": "present", "applied": "live"}]
    created = first["snapshot"].pop("created")
    assert created.endswith("Z") and predicted["snapshot"].pop("created") is None
    assert predicted["snapshot"] == first["snapshot"]
    assert first["snapshot"] == {
        "name": "one",
        "description": "First",
        "kind": "internal",
        "state": "shutdown",
        "memory": False,
        "parent": None,
        "disks": [{"target": "vda", "source": "/srv/web.qcow2", "overlay": None}],
    }
    assert first["domain"] == {"name": "web", "uuid": web.UUIDString(), "state": "shutdown"}
    for check in (True, False):
        again = snapshot("one", check=check)
        assert not again["changed"] and again["changes"] == [] and again["snapshot"]["created"] == created


def test_a_running_guest_gives_its_memory(snapshot, web):
    snapshot("off")
    web.create()
    predicted, taken = snapshot("on", check=True), snapshot("on")
    for each in (predicted, taken):
        assert each["snapshot"]["memory"] and each["snapshot"]["state"] == "running"
        assert each["snapshot"]["parent"] == "off" and each["domain"]["state"] == "running"


@pytest.mark.parametrize(
    "other",
    [{"description": "Other"}, {"kind": "external"}, {"disks": [{"target": "vdb"}]}],
)
def test_another_snapshot_of_that_name_is_refused(snapshot, web, other):
    snapshot("one", description="First")
    refused = snapshot("one", **other)
    assert refused["code"] == "SNAPSHOT_DIFFERS"
    assert [each["path"] for each in refused["details"]["changes"]] == list(other)


def test_going_back_names_what_is_lost(snapshot, web):
    snapshot("off")
    web.create()
    refused = snapshot("off", state="reverted")
    assert refused["code"] == "WOULD_LOSE" and refused["details"]["losses"] == ["current_state"]
    assert web.isActive()

    back = {"state": "reverted", "discard": ["current_state"]}
    predicted, done = snapshot("off", check=True, **back), snapshot("off", **back)
    assert predicted["changes"] == done["changes"] and predicted["diff"] == done["diff"]
    assert predicted["domain"] == done["domain"] and done["domain"]["state"] == "shutdown"
    assert done["changes"] == [
        {"path": "reverted_to", "before": "off", "after": "off", "applied": "live"},
        {"path": "state", "before": "running", "after": "shutdown", "applied": "live"},
    ]
    assert not web.isActive()
    # The state since then is lost each time, whatever it is.
    assert snapshot("off", **back)["changed"]


def test_a_managed_save_is_kept_unless_it_is_listed(snapshot, web):
    snapshot("off")
    web.create()
    web.managedSave()
    assert snapshot("saved")["details"]["losses"] == ["managed_save"]
    refused = snapshot("off", state="reverted")
    assert refused["details"]["losses"] == ["current_state", "managed_save"]
    assert web.hasManagedSaveImage(0) and names(web) == ["off"]
    snapshot("off", state="reverted", discard=["current_state", "managed_save"])
    assert not web.hasManagedSaveImage(0)


@pytest.mark.parametrize(("children", "left"), [("keep", ["a", "c", "d"]), ("delete", ["a"])])
def test_absent_deletes_what_was_asked(snapshot, web, children, left):
    for name in ("a", "b", "c", "d"):
        snapshot(name)
    options = {"state": "absent", "children": children}
    predicted, done = snapshot("b", check=True, **options), snapshot("b", **options)
    assert predicted["changes"] == done["changes"] and predicted["snapshot"] == done["snapshot"] == {}
    assert names(web) == left
    further = [] if children == "keep" else ["children[d]", "children[c]"]
    assert [each["path"] for each in done["changes"]] == [*further, "state"]
    assert not snapshot("b", **options)["changed"]
    if children == "keep":
        assert snapshot("c")["snapshot"]["parent"] == "a"


def test_a_domain_with_snapshots_is_not_removed_unless_they_are_listed(snapshot, virt, web):
    snapshot("one")
    assert virt("virt_domain", name="web", state="absent")["details"]["losses"] == ["snapshots"]
    assert virt("virt_domain", name="web", state="absent", discard=["snapshots"])["changed"]
    assert not snapshot("one", state="absent")["changed"]


def test_what_is_wrong_is_said(snapshot, virt, web, test_driver):
    assert snapshot("a/b")["code"] == "INVALID_NAME"
    assert snapshot("one", state="reverted")["code"] == "NO_SUCH_SNAPSHOT"
    assert snapshot("one", disks=[])["code"] == "NO_SUCH_DISK"
    assert snapshot("one", disks=[{"target": "vdz"}])["code"] == "NO_SUCH_DISK"
    assert snapshot("one", disks=[{"target": "vda"}, {"target": "vda"}])["code"] == "DUPLICATE_ITEM"
    assert snapshot("one", quiesce=True)["code"] == "INVALID_OPTION"
    assert snapshot("one", kind="external", quiesce=True)["code"] == "NO_GUEST_AGENT"
    assert snapshot("one", kind="external", disks=[{"target": "vda", "file": "x"}])["code"] == "INVALID_OPTION"
    assert snapshot("one", kind="external", reuse_external=True)["code"] == "REUSE_NEEDS_LOCAL"
    assert snapshot("one", kind="external")["code"] == "UNSUPPORTED"
    for state in ("present", "reverted"):
        assert virt("virt_snapshot", domain="none", name="one", state=state)["code"] == "NO_SUCH_DOMAIN"
    assert virt("virt_snapshot", domain="none", name="one", check=True)["changed"]
    assert not virt("virt_snapshot", domain="none", name="one", state="absent")["changed"]
    test_driver.defineXML(GUEST.replace("</devices>", RAW).replace("web", "raw"))
    refused = virt("virt_snapshot", domain="raw", name="one")
    assert refused["code"] == "UNSUPPORTED_DISK" and refused["details"]["disks"] == ["vdb"]
    refused = virt("virt_snapshot", domain="raw", name="one", disks=[{"target": "vda"}])
    assert refused["code"] == "PARTIAL_SNAPSHOT" and refused["details"]["disks"] == ["vdb"]
    assert names(web) == []


def test_all_snapshots_are_read(snapshot, virt, web, test_driver):
    for name in ("a", "b", "c"):
        snapshot(name)
    snapshot("b", state="reverted", discard=["current_state"])
    snapshot("d")
    for options in ({"details": True}, {"domain": "web"}):
        read = virt("virt_snapshot_info", **options)
        assert [(each["domain"], each["name"]) for each in read["snapshots"]] == [("web", name) for name in "abcd"]
        assert {each["name"]: each["children"] for each in read["snapshots"]} == {
            "a": ["b"],
            "b": ["c", "d"],
            "c": [],
            "d": [],
        }
        assert [each["name"] for each in read["snapshots"] if each["current"]] == ["d"]
        assert read["chains"] == [{"domain": "web", "disks": {"vda": ["/srv/web.qcow2"]}}]
    listed = virt("virt_snapshot_info")
    assert [each["name"] for each in listed["snapshots"]] == list("abcd")
    assert {each["current"] for each in listed["snapshots"]} == {None} and listed["chains"] is None
    assert virt("virt_snapshot_info", domain="none")["snapshots"] == []
    assert virt("virt_snapshot_info", domain="test")["snapshots"] == []
