# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._domain.model import DomainFacts
from ansible_collections.mini.hypervisor.plugins.module_utils._domain.plan import plan
from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._xml import document

STORED = """<domain type='kvm'><name>web</name><uuid>6c6dd57b-4d6b-4c3a-8d2b-0d4b1b1a7c3e</uuid>
<metadata><lab:facts xmlns:lab='https://github.com/mini-hypervisor/mini.hypervisor/metadata/1'>
<lab:fact name='image'>old</lab:fact></lab:facts></metadata>
<memory unit='KiB'>262144</memory><currentMemory unit='KiB'>262144</currentMemory><vcpu placement='static'>2</vcpu>
<cpu mode='host-model'/>
<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os><devices>
<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/srv/web'/>
<target dev='vda' bus='virtio'/></disk>
<interface type='network'><mac address='52:54:00:aa:bb:cc'/><source network='default'/>
<model type='virtio'/></interface>
</devices></domain>"""
# What QEMU and libvirt add to a guest that runs.
LIVE = (
    STORED.replace("<cpu mode='host-model'/>", "<cpu mode='custom' match='exact'><model>Nehalem</model></cpu>")
    .replace("<currentMemory unit='KiB'>262144", "<currentMemory unit='KiB'>131072")
    .replace("network='default'", "network='default' portid='1' bridge='virbr0'")
)


def actual(state="running", stored=STORED, live=LIVE, **others):
    running = document.parse(live) if state in ("running", "paused") else None
    return DomainFacts(state, False, document.parse(stored), running, **others)


def planned(facts, **options):
    return plan("web", facts, {"state": "running", "restart": "never", "live": True, **options}, lambda: "seed")


def paths(todo):
    return [change.path for change in todo.changes]


@pytest.mark.parametrize(
    ("state", "wanted", "becomes"),
    [
        ("running", "present", "running"),
        ("shutdown", "present", "shutdown"),
        ("crashed", "present", "crashed"),
        ("crashed", "shutdown", "crashed"),
        ("crashed", "running", "running"),
        ("pmsuspended", "running", "running"),
        ("paused", "shutdown", "shutdown"),
    ],
)
def test_the_state_that_is_aimed_at(state, wanted, becomes):
    todo = planned(actual(state), state=wanted)
    assert todo.after.state == becomes
    assert paths(todo) == ([] if state == becomes else ["state"])


def test_what_running_adds_is_no_difference():
    todo = planned(actual(), restart="if_needed")
    assert not todo.changes and not todo.restart_required


def test_a_pending_change_restarts_a_running_guest_only():
    pending = STORED.replace(">2</vcpu>", ">1</vcpu>")
    assert planned(actual(stored=pending)).restart_required and not planned(actual(stored=pending)).changes
    assert paths(planned(actual(stored=pending), restart="if_needed")) == ["restart"]
    assert not planned(actual(stored=pending), restart="if_needed").restart_required
    assert paths(planned(actual(stored=pending), restart="if_needed", state="shutdown")) == ["state"]
    assert not planned(actual("shutdown", pending), restart="if_needed", state="present").changes
    without_disk = STORED[: STORED.index("<disk")] + STORED[STORED.index("</disk>") + 7 :]
    assert planned(actual(stored=without_disk)).restart_required


def test_texts_need_no_restart():
    todo = planned(actual(), title="The web", metadata={"image": "new"}, restart="if_needed")
    assert [(change.path, change.applied) for change in todo.changes] == [("title", "live"), ("metadata", "live")]
    assert not todo.restarts and not todo.restart_required


def test_metadata_are_replaced():
    after = planned(actual(), metadata={"size": "small"}).after.document
    assert [entry.get("name") for entry in after.find("metadata")[0]] == ["size"]
    assert len(after.find("metadata")) == 1


def test_current_memory_follows_memory():
    assert document.get(planned(actual(), memory="1GiB").after.document, "currentMemory") is None


def test_cards_keep_their_addresses_and_new_ones_get_stable_ones():
    cards = [{"network": "other"}, {"bridge": "br0"}]
    first, second = (planned(actual(), interfaces=cards) for _run in range(2))
    assert paths(first) == paths(second)
    assert paths(first)[0] == "interfaces[52:54:00:aa:bb:cc].network"
    assert paths(first)[1].startswith("interfaces[52:54:00:") and len(first.changes) == 2


def test_a_transient_guest_becomes_persistent():
    todo = planned(actual(persistent=False))
    assert paths(todo) == ["persistent"] and not todo.restart_required


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"type": "qemu"}, "RECREATE_REQUIRED"),
        ({"arch": "aarch64"}, "RECREATE_REQUIRED"),
        ({"vcpus": 0}, "INVALID_OPTION"),
        ({"interfaces": [{"network": "default", "bridge": "br0"}]}, "INVALID_OPTION"),
        ({"xml": "<domain><name>other</name></domain>"}, "NAME_MISMATCH"),
        ({"xml": "<domain><uuid>00000000-0000-0000-0000-000000000001</uuid></domain>"}, "UUID_MISMATCH"),
    ],
)
def test_what_is_refused(options, code):
    with pytest.raises(HypervisorError) as refused:
        planned(actual(), **options)
    assert refused.value.code == code


def test_a_diff_has_no_passwords():
    secret = STORED.replace("<interface", "<graphics type='vnc' passwd='hidden'/><interface", 1)
    todo = planned(actual(stored=secret), title="x")
    assert "hidden" not in todo.before.text() + todo.after.text()
    assert document.get(todo.after.document, "devices/graphics/@passwd") == "hidden"


ROOM = [each.replace("<vcpu placement='static'>2<", "<vcpu current='2'>4<") for each in (STORED, LIVE)]


def test_a_running_guest_takes_what_it_can():
    todo = planned(actual(stored=ROOM[0], live=ROOM[1]), vcpus=3, memory="512MiB", title="x")
    assert [(change.path, change.applied) for change in todo.changes] == [
        ("title", "live"),
        ("memory", "next_boot"),
        ("vcpus", "live"),
    ]
    assert [change.path for change in todo.live] == ["title", "vcpus"]
    assert [change.path for change in todo.pending] == ["memory"] and todo.restart_required


def test_a_run_that_was_interrupted_between_definition_and_guest_goes_on():
    defined = ROOM[0].replace("current='2'", "current='3'")
    todo = planned(actual(stored=defined, live=ROOM[1]), vcpus=3)
    assert [(change.path, change.before, change.applied) for change in todo.changes] == [("vcpus", 2, "live")]
    assert not todo.defines and not todo.restart_required
    assert not planned(actual(stored=defined, live=ROOM[1])).changes


def test_only_the_definition_changes_where_that_is_asked_for():
    todo = planned(actual(stored=ROOM[0], live=ROOM[1]), vcpus=3, live=False)
    assert [change.applied for change in todo.changes] == ["next_boot"]
    assert not todo.live and todo.restart_required


def test_a_restart_brings_everything():
    todo = planned(actual(stored=ROOM[0], live=ROOM[1]), vcpus=3, memory="512MiB", restart="if_needed")
    assert [(change.path, change.applied) for change in todo.changes] == [
        ("memory", "restart"),
        ("vcpus", "live"),
        ("restart", "restart"),
    ]
    assert not todo.live and not todo.restart_required


def test_unlisted_devices_go_where_that_is_asked_for():
    card = {"mac": "52:54:00:aa:bb:cc"}
    assert not planned(actual(), interfaces=[card], remove_unlisted_devices=True).changes
    todo = planned(actual(), disks=[], remove_unlisted_devices=True)
    assert [(change.path, change.after, change.applied) for change in todo.changes] == [("disks[vda]", None, "live")]
    assert not planned(actual(), disks=[]).changes
