# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

POOL = "default-pool"
"""The pool that the test driver begins with; its directory is /default-pool."""

DISK = {"pool": POOL, "name": "web.qcow2", "capacity": "1GiB"}


def names(test_driver):
    return sorted(each.name() for each in test_driver.storagePoolLookupByName(POOL).listAllVolumes())


def test_a_volume_is_made_once(virt, test_driver):
    predicted = virt("virt_volume", check=True, **DISK)
    assert predicted["changed"] and names(test_driver) == []

    first = virt("virt_volume", **DISK)
    assert first["changed"] and names(test_driver) == ["web.qcow2"]
    assert first["changes"] == predicted["changes"]
    for key in ("name", "key", "path", "pool", "type", "format", "capacity", "backing"):
        assert first["volume"][key] == predicted["volume"][key]
    assert first["volume"]["path"] == "/default-pool/web.qcow2"
    assert (first["volume"]["format"], first["volume"]["capacity"]) == ("qcow2", 1 << 30)

    second = virt("virt_volume", **DISK)
    assert not second["changed"] and second["changes"] == []
    assert not virt("virt_volume", pool=POOL, name="web.qcow2")["changed"]


def test_absent_deletes_exactly_that_volume(virt, test_driver):
    virt("virt_volume", **DISK)
    virt("virt_volume", pool=POOL, name="other", capacity="512")
    assert virt("virt_volume", check=True, pool=POOL, name="other", state="absent")["changed"]
    gone = virt("virt_volume", pool=POOL, name="other", state="absent")
    assert gone["changed"] and gone["volume"] == {} and names(test_driver) == ["web.qcow2"]
    assert not virt("virt_volume", pool=POOL, name="other", state="absent")["changed"]
    assert not virt("virt_volume", pool="nowhere", name="other", state="absent")["changed"]


def test_an_overlay_has_its_backing_for_life(virt, test_driver):
    base = virt("virt_volume", pool=POOL, name="base.qcow2", capacity="1GiB")["volume"]["path"]
    overlay = {"pool": POOL, "name": "web.qcow2", "backing": {"path": base, "format": "qcow2"}}
    small = virt("virt_volume", capacity="512MiB", **overlay)
    assert small["code"] == "SHRINK_REFUSED" and names(test_driver) == ["base.qcow2"]
    lied = virt("virt_volume", **{**overlay, "backing": {"path": base, "format": "raw"}})
    assert lied["code"] == "FORMAT_MISMATCH" and names(test_driver) == ["base.qcow2"]

    made = virt("virt_volume", **overlay)["volume"]
    assert made["backing"] == {"path": base, "format": "qcow2"} and made["capacity"] == 1 << 30
    assert not virt("virt_volume", **overlay)["changed"]
    moved = virt("virt_volume", **{**overlay, "backing": {"path": "/elsewhere", "format": "qcow2"}})
    assert moved["code"] == "RECREATE_REQUIRED" and "/elsewhere" in moved["msg"]


def test_nothing_is_shrunk_or_converted(virt):
    virt("virt_volume", **DISK)
    for check in (True, False):
        assert virt("virt_volume", check=check, **{**DISK, "capacity": "512MiB"})["code"] == "SHRINK_REFUSED"
        assert virt("virt_volume", check=check, format="raw", **DISK)["code"] == "RECREATE_REQUIRED"
    grown = virt("virt_volume", check=True, **{**DISK, "capacity": "2GiB"})
    assert grown["changes"] == [{"path": "capacity", "before": 1 << 30, "after": 2 << 30, "applied": "live"}]


def run_guest(test_driver, path, disk="<target dev='vda'/>", name="web"):
    test_driver.createXML(
        f"<domain type='test'><name>{name}</name><memory>1024</memory><os><type>hvm</type></os><devices>"
        f"<disk type='file' device='disk'><source file='{path}'/>{disk}</disk></devices></domain>"
    )


def test_a_volume_of_a_running_guest_is_grown_by_it_and_never_deleted(virt, test_driver):
    path = virt("virt_volume", **DISK)["volume"]["path"]
    run_guest(test_driver, path)
    grown = virt("virt_volume", check=True, **{**DISK, "capacity": "2GiB"})
    assert [change["path"] for change in grown["changes"]] == ["capacity"]
    refused = virt("virt_volume", check=True, **DISK, state="absent")
    assert refused["code"] == "VOLUME_IN_USE" and refused["details"]["domains"] == ["web"]
    assert not virt("virt_volume", **DISK)["changed"]


def test_a_volume_that_several_guests_use_or_only_read_is_not_grown(virt, test_driver):
    path = virt("virt_volume", **DISK)["volume"]["path"]
    run_guest(test_driver, path, "<target dev='vda'/><readonly/>")
    assert virt("virt_volume", check=True, **{**DISK, "capacity": "2GiB"})["code"] == "VOLUME_IN_USE"
    run_guest(test_driver, path, name="other")
    refused = virt("virt_volume", check=True, **{**DISK, "capacity": "2GiB"})
    assert refused["code"] == "VOLUME_IN_USE" and refused["details"]["domains"] == ["other", "web"]


def test_features_of_qcow2_stay_as_they_were_made(virt):
    features = {"compat": "1.1", "lazy_refcounts": True, "cluster_size": "128KiB", "extended_l2": True}
    made = virt("virt_volume", qcow2=features, **DISK)
    assert made["volume"]["qcow2"] == {**features, "cluster_size": 131072}
    assert not virt("virt_volume", qcow2=features, **DISK)["changed"]
    for other in ({"compat": "0.10"}, {"lazy_refcounts": False}, {"cluster_size": "64KiB"}, {"extended_l2": False}):
        refused = virt("virt_volume", qcow2=other, **DISK)
        assert refused["code"] == "RECREATE_REQUIRED" and next(iter(other)) in refused["msg"]


def test_what_no_new_volume_can_be_is_refused(virt, test_driver):
    for options in (
        {"format": "raw", "qcow2": {"lazy_refcounts": True}},
        {"format": "raw", "preallocation": "metadata"},
        {"qcow2": {"compat": "0.10", "extended_l2": True}},
        {"qcow2": {"cluster_size": "3000"}},
        {"qcow2": {"cluster_size": "4KiB", "extended_l2": True}},
        {"mode": "9"},
        {"wipe": True},
    ):
        for check in (True, False):
            assert virt("virt_volume", check=check, **DISK, **options)["code"] == "INVALID_OPTION"
    assert names(test_driver) == []


def test_a_preallocated_volume_says_so(virt, test_driver):
    made = virt("virt_volume", preallocation="full", format="raw", **DISK)
    assert made["volume"]["allocation"] == 1 << 30
    assert not virt("virt_volume", preallocation="none", **DISK)["changed"]


def test_a_wipe_is_predicted_and_needs_to_be_asked_for(virt):
    virt("virt_volume", **DISK)
    gone = {"pool": POOL, "name": "web.qcow2", "state": "absent", "check": True}
    assert [change["path"] for change in virt("virt_volume", **gone)["changes"]] == ["state"]
    wiped = virt("virt_volume", wipe=True, wipe_algorithm="random", **gone)
    assert wiped["changes"][0] == {"path": "wipe", "before": None, "after": "random", "applied": "live"}


def test_copies_need_the_machine_itself(virt):
    virt("virt_volume", **DISK)
    for options in (
        {"name": "copy", "source": "/etc/hostname"},
        {"name": "copy", "clone_from": {"volume": "web.qcow2"}},
        {"name": "web.qcow2", "download_to": "/srv/copy"},
    ):
        assert virt("virt_volume", pool=POOL, **options)["code"] == "COPY_NEEDS_LOCAL"
    both = virt("virt_volume", pool=POOL, name="web.qcow2", download_to="/srv/copy", capacity="1G")
    assert "mutually exclusive" in both["msg"]
    gone = virt("virt_volume", pool=POOL, name="web.qcow2", download_to="/srv/copy", state="absent")
    assert gone["code"] == "INVALID_OPTION"


def test_what_is_missing_is_said(virt, run_module):
    assert virt("virt_volume", pool="nowhere", name="a", capacity="1G")["code"] == "POOL_NOT_FOUND"
    assert virt("virt_volume", pool=POOL, name="a")["code"] == "MISSING_OPTION"
    assert virt("virt_volume", pool=POOL, name="a", capacity="0")["code"] == "INVALID_SIZE"
    assert virt("virt_volume", pool=POOL, name="a", capacity="much")["code"] == "INVALID_SIZE"
    for name in ("-rf", " ", "a'b", "x\n", "../a"):
        assert virt("virt_volume", pool=POOL, name=name, capacity="1G")["code"] == "INVALID_NAME"
    early = virt("virt_volume", check=True, pool="nowhere", name="a", capacity="1G")
    assert early["changed"] and "nowhere does not exist yet" in str(early["warnings"])


def test_volumes_and_pools_are_read(virt):
    virt("virt_volume", **DISK)
    virt("virt_volume", pool=POOL, name="base", capacity="512")
    assert [each["name"] for each in virt("virt_volume_info", pool=POOL)["volumes"]] == ["base", "web.qcow2"]
    assert virt("virt_volume_info", pool=POOL, name="base")["volumes"][0]["capacity"] == 512
    assert virt("virt_volume_info", pool=POOL, name="none")["volumes"] == []
    assert virt("virt_volume_info", pool="nowhere")["code"] == "POOL_NOT_FOUND"

    virt("virt_pool", name="idle", path="/srv/idle", state="inactive")
    pools = virt("virt_pool_info", volumes=True)["pools"]
    assert [each["name"] for each in pools] == [POOL, "idle"]
    assert [each["name"] for each in pools[0]["volumes"]] == ["base", "web.qcow2"]
    assert pools[1]["volumes"] is None
    assert "volumes" not in virt("virt_pool_info", name=POOL)["pools"][0]
    assert virt("virt_pool_info", name="nowhere")["pools"] == []
