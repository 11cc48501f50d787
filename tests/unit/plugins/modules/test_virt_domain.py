# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import libvirt
import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._domain.stated import table

GUEST = {
    "name": "web",
    "type": "test",
    "memory": "2900MiB",
    "vcpus": 2,
    "disks": [{"target": "vda", "source": "/srv/web.qcow2", "format": "qcow2", "cache": "none"}],
    "interfaces": [{"network": "default"}],
    "serial_log": "/var/log/web.log",
    "guest_agent": True,
    "rng": "/dev/urandom",
    "memballoon": "none",
    "metadata": {"image": "ubuntu-20.04"},
    "title": "The web",
}


def paths(result):
    return [change["path"] for change in result["changes"]]


def test_a_domain_is_defined_and_started_once(virt, test_driver):
    predicted = virt("virt_domain", check=True, **GUEST)
    assert predicted["changed"] and "web" not in [each.name() for each in test_driver.listAllDomains()]

    first = virt("virt_domain", **GUEST)
    assert paths(first) == paths(predicted)
    assert first["domain"]["state"] == "running" and not first["restart_required"]
    assert first["domain"]["memory"] == 2900 * 1024 * 1024
    assert first["domain"]["interfaces"][0]["mac"].startswith("52:54:00:")

    second = virt("virt_domain", **GUEST)
    assert second["changes"] == [] and not second["changed"]
    assert second["domain"]["uuid"] == first["domain"]["uuid"]


def test_a_change_of_a_running_domain_waits_for_a_restart(virt, test_driver):
    virt("virt_domain", **GUEST)
    changed = virt("virt_domain", name="web", vcpus=1)
    assert changed["changes"] == [{"path": "vcpus", "before": 2, "after": 1, "applied": "next_boot"}]
    assert changed["restart_required"]
    assert virt("virt_domain", name="web")["restart_required"]
    assert virt("virt_domain_info", name="web")["domains"][0]["restart_required"]

    restarted = virt("virt_domain", name="web", restart="if_needed", force=True)
    assert paths(restarted) == ["restart"] and not restarted["restart_required"]
    assert not virt("virt_domain", name="web", restart="if_needed")["changed"]


def test_devices_that_are_not_listed_are_left_alone(virt, test_driver):
    virt("virt_domain", **GUEST)
    added = virt(
        "virt_domain", name="web", live=False, disks=[{"target": "vdb", "source": "/srv/data", "format": "raw"}]
    )
    assert paths(added) == ["disks[vdb]"]
    assert [disk["target"] for disk in added["domain"]["disks"]] == ["vda", "vdb"]
    cached = virt("virt_domain", name="web", disks=[{"target": "vda", "cache": "writeback"}])
    assert paths(cached) == ["disks[vda].cache"]


# The test driver cannot start a domain paused; the integration target does that.
@pytest.mark.parametrize(
    ("state", "starts"),
    [
        ("running", ("running", "paused", "shutdown")),
        ("paused", ("running", "paused")),
        ("shutdown", ("running", "paused")),
    ],
)
def test_every_state_is_reached_from_every_state(virt, test_driver, state, starts):
    virt("virt_domain", **GUEST)
    for start in starts:
        virt("virt_domain", name="web", state=start, force=True)
        assert virt("virt_domain", name="web", state=state, force=True)["domain"]["state"] == state
        assert not virt("virt_domain", name="web", state=state)["changed"]


def test_absent_refuses_what_was_not_listed(virt, test_driver):
    virt("virt_domain", **GUEST, state="shutdown")
    domain = test_driver.lookupByName("web")
    domain.create()
    domain.managedSave()
    refused = virt("virt_domain", name="web", state="absent")
    assert refused["code"] == "WOULD_LOSE" and "managed_save" in refused["msg"]
    assert virt("virt_domain", name="web", state="absent", remove_storage=["vdz"])["code"] == "NO_SUCH_DISK"
    assert virt("virt_domain", name="web", state="absent", discard=["managed_save"])["domain"] == {}
    assert not virt("virt_domain", name="web", state="absent")["changed"]


def test_a_whole_document_converges(virt, test_driver):
    text = """<domain type="test"><name>doc</name><memory unit="MiB">64</memory><vcpu>1</vcpu>
      <os><type>hvm</type></os><devices>
      <disk type="file" device="disk"><source file="/srv/doc"/><target dev="vda" bus="virtio"/></disk>
      <interface type="network"><source network="default"/></interface></devices></domain>"""
    assert virt("virt_domain", name="doc", xml=text)["changed"]
    assert not virt("virt_domain", name="doc", xml=text)["changed"]
    assert paths(virt("virt_domain", name="doc", xml=text.replace(">64<", ">128<"), check=True)) == [
        "xml/memory",
        "xml/currentMemory",
    ]
    without_disk = text.replace(text[text.index("<disk") : text.index("</disk>") + 7], "")
    assert paths(virt("virt_domain", name="doc", xml=without_disk, live=False)) == ["xml/devices/disk[vda]"]
    assert virt("virt_domain_info", name="doc")["domains"][0]["disks"] == []


def test_defaults_of_an_unknown_libvirt_are_no_change_once_they_were_seen(virt, test_driver, monkeypatch):
    text = """<domain type="test"><name>doc</name><memory unit="KiB">65536</memory><os><type>hvm</type></os></domain>"""
    monkeypatch.setattr(table, "RULES", ())
    virt("virt_domain", name="doc", state="present", xml=text)
    assert "xml/on_reboot" in paths(virt("virt_domain", name="doc", state="present", xml=text, check=True))
    assert not virt("virt_domain", name="doc", state="present", xml=text)["changed"]


def test_what_is_wrong_is_said(virt, test_driver):
    assert virt("virt_domain", name="new")["code"] == "MISSING_OPTION"
    assert virt("virt_domain", **{**GUEST, "memory": "2 bananas"})["code"] == "INVALID_SIZE"
    assert virt("virt_domain", **{**GUEST, "name": "a;b"})["code"] == "INVALID_NAME"
    assert virt("virt_domain", **{**GUEST, "disks": GUEST["disks"] * 2})["code"] == "DUPLICATE_ITEM"
    typo = '<domain type="test"><name>x</name><memory>65536</memory><os><type>hvm</type></os><vcpus>1</vcpus></domain>'
    refused = virt("virt_domain", name="x", xml=typo)
    assert refused["code"] == "INVALID_XML" and "vcpus" in refused["msg"]
    bomb = '<!DOCTYPE d [<!ENTITY x "y">]><domain type="test"><name>&x;</name></domain>'
    assert virt("virt_domain", name="x", xml=bomb)["code"] == "INVALID_XML"
    assert [each.name() for each in test_driver.listAllDomains()] == ["test"]


def test_the_overlay_of_a_snapshot_stays_below_its_disk(virt, test_driver):
    virt("virt_domain", **GUEST, state="shutdown")
    domain = test_driver.lookupByName("web")
    # What libvirt leaves behind: the snapshot names the overlay, and the definition has the disk on it. The test driver
    # makes no external snapshots, but keeps those that it is told of.
    virt("virt_domain", name="web", state="shutdown", disks=[{"target": "vda", "source": "/srv/web.overlay"}])
    domain.snapshotCreateXML(
        "<domainsnapshot><name>s</name><state>disk-snapshot</state><creationTime>1</creationTime>"
        "<disks><disk name='vda' snapshot='external'><source file='/srv/web.overlay'/></disk></disks>"
        f"{domain.XMLDesc()}</domainsnapshot>",
        libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE,
    )
    for check in (True, False):
        refused = virt("virt_domain", check=check, **GUEST, state="shutdown")
        assert refused["code"] == "SNAPSHOT_OVERLAY" and "/srv/web.overlay" in refused["msg"]
    assert not virt("virt_domain", name="web", state="shutdown", disks=[{"target": "vda"}])["changed"]
