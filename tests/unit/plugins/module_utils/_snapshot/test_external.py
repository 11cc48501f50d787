# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""External snapshots: what may be merged and what may be gone back to, and how the disks lie on each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._snapshot import (
    creation,
    disks,
    model,
    removal,
    reversion,
)
from ansible_collections.mini.hypervisor.plugins.module_utils._snapshot.plan import View
from ansible_collections.mini.hypervisor.plugins.module_utils._xml import document

DOMAIN = """<domain type="qemu"><name>web</name><devices>
  <disk type="file" device="disk"><driver name="qemu" type="%s"/><source file="%s"/>%s<target dev="vda"/></disk>
  <disk type="file" device="cdrom"><source file="/srv/seed"/><target dev="sda"/><readonly/></disk>
  <disk type="block" device="disk" snapshot="no"><source dev="/dev/sdx"/><target dev="vdb"/></disk>
  %s</devices></domain>"""
OPTIONS = {
    "name": "new",
    "kind": "external",
    "quiesce": False,
    "reuse_external": False,
    "children": "keep",
    "metadata_only": False,
    "discard": ["current_state"],
}


def domain(source, below="", more="", format="qcow2"):
    return document.parse(DOMAIN % (format, source, below, more))


def snapshot(name, source, overlay, parent=None, format="qcow2"):
    kind = "external" if overlay else "internal"
    place = f"<source file='{overlay}'/>" if overlay else ""
    above = f"<parent><name>{parent}</name></parent>" if parent else ""
    return model.parse(
        f"<domainsnapshot><name>{name}</name><state>shutoff</state>{above}<creationTime>0</creationTime>"
        f"<memory snapshot='no'/><disks><disk name='vda' snapshot='{kind}'>{place}</disk>"
        f"<disk name='vdb' snapshot='no'/></disks>{document.to_text(domain(source, format=format))}</domainsnapshot>"
    )


FIRST = snapshot("first", "/srv/web", "/srv/web.first")
SECOND = snapshot("second", "/srv/web.first", "/srv/web.second", "first")


def view(source, *snapshots, state="shutdown", **more):
    return View("web", state, domain(source), {each.name: each for each in snapshots}, **more)


CHAIN = view("/srv/web.second", FIRST, SECOND, current="second")


def refused(call, *arguments):
    with pytest.raises(HypervisorError) as error:
        call(*arguments)
    return error.value.code


def test_a_snapshot_is_read():
    assert SECOND.describe() == {
        "name": "second",
        "description": "",
        "kind": "external",
        "state": "shutdown",
        "memory": False,
        "created": "1970-01-01T00:00:00Z",
        "parent": "first",
        "disks": [{"target": "vda", "source": "/srv/web.first", "overlay": "/srv/web.second"}],
    }


def test_disks_are_read():
    below = "<backingStore type='file'><source file='/srv/base'/><backingStore/></backingStore>"
    found = disks.read(domain("/srv/web", below))
    assert {target: each.writable for target, each in found.items()} == {"vda": True, "sda": False, "vdb": False}
    assert disks.chain(found["vda"], []) == ["/srv/web", "/srv/base"]


def test_a_chain_is_told_by_the_snapshots():
    present = disks.read(CHAIN.document)["vda"]
    assert disks.chain(present, [FIRST, SECOND]) == ["/srv/web.second", "/srv/web.first", "/srv/web"]
    loop = snapshot("loop", "/srv/web.second", "/srv/web")
    assert disks.chain(present, [FIRST, SECOND, loop]) == ["/srv/web.second", "/srv/web.first", "/srv/web"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [("/srv/web.qcow2", "/srv/web.new"), ("/srv/v1.0/web", "/srv/v1.0/web.new"), ("/srv/.web", "/srv/.web.new")],
)
def test_an_overlay_is_named_as_libvirt_names_it(source, expected):
    todo = creation.plan(view(source), OPTIONS)
    assert todo.snapshot.disks[0].overlay == expected
    assert document.get(todo.snapshot.document, "disks/disk[@name='vda']/source/@file") == expected
    assert document.get(todo.snapshot.document, "disks/disk[@name='vdb']/@snapshot") == "no"


def test_a_block_device_needs_a_place_for_its_overlay():
    wanted = {**OPTIONS, "disks": [{"target": "vdb", "file": None}]}
    assert refused(creation.plan, view("/srv/web"), wanted) == "MISSING_OPTION"
    wanted["disks"][0]["file"] = "/dev/over"
    todo = creation.plan(view("/srv/web"), wanted)
    assert document.get(todo.snapshot.document, "disks/disk[@name='vdb']/source/@dev") == "/dev/over"


@pytest.mark.parametrize(("state", "code"), [("disconnected", "NO_GUEST_AGENT"), ("connected", None)])
def test_quiescing_needs_an_agent_that_listens(state, code):
    agent = f"<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='{state}'/></channel>"
    running = replace(view("/srv/web", state="running"), document=domain("/srv/web", more=agent))
    wanted = {**OPTIONS, "quiesce": True}
    if code:
        assert refused(creation.plan, running, wanted) == code
    else:
        assert creation.plan(running, wanted).snapshot.state == "disk_only"


def test_the_youngest_is_merged_and_the_disk_is_the_file_below():
    todo = removal.plan(CHAIN, SECOND, OPTIONS)
    assert [(each.path, each.before, each.after) for each in todo.changes] == [
        ("disks[vda].source", "/srv/web.second", "/srv/web.first"),
        ("state", "present", "absent"),
    ]


def test_below_another_one_a_running_guest_is_needed():
    assert refused(removal.plan, CHAIN, FIRST, OPTIONS) == "CANNOT_DELETE"
    todo = removal.plan(replace(CHAIN, state="paused"), FIRST, OPTIONS)
    assert [each.path for each in todo.changes] == ["state"]


def test_children_go_first():
    todo = removal.plan(CHAIN, FIRST, {**OPTIONS, "children": "delete"})
    assert [each.name for each in todo.steps] == ["second", "first"]
    assert [(each.path, each.before, each.after) for each in todo.changes] == [
        ("disks[vda].source", "/srv/web.second", "/srv/web"),
        ("children[second]", "present", "absent"),
        ("state", "present", "absent"),
    ]


def test_metadata_is_forgotten_whatever_the_files_are():
    astray = replace(CHAIN, document=domain("/srv/elsewhere"))
    assert refused(removal.plan, astray, SECOND, OPTIONS) == "CANNOT_DELETE"
    assert removal.plan(astray, SECOND, {**OPTIONS, "metadata_only": True}).changes


def test_nothing_is_merged_into_what_others_need():
    other = snapshot("other", "/srv/web.first", "/srv/web.other", "first")
    assert refused(removal.plan, replace(CHAIN, snapshots={**CHAIN.snapshots, "other": other}), SECOND, OPTIONS)


@pytest.mark.parametrize("inner", ["parent", "child"])
def test_internal_ones_are_not_merged_over(inner):
    around = snapshot("inner", "/srv/web" if inner == "parent" else "/srv/web.first", None)
    first = replace(FIRST, parent="inner" if inner == "parent" else None)
    around = replace(around, parent="first" if inner == "child" else None)
    mixed = view("/srv/web.first", first, around, state="running")
    assert refused(removal.plan, mixed, first, OPTIONS) == "CANNOT_DELETE"


def test_a_managed_save_stands_in_the_way_of_a_merge():
    saved = replace(CHAIN, managed_save=True)
    assert refused(removal.plan, saved, SECOND, OPTIONS) == "WOULD_LOSE"
    assert removal.plan(saved, SECOND, {**OPTIONS, "discard": ["managed_save"]}).discards_save
    assert refused(creation.plan, saved, OPTIONS) == "WOULD_LOSE"


def test_going_back_defines_the_domain_on_the_overlay():
    raw = snapshot("raw", "/srv/web", "/srv/over", format="raw")
    todo = reversion.plan(view("/srv/over", raw), raw, OPTIONS)
    assert todo.state == "shutdown" and [each.path for each in todo.changes] == ["reverted_to"]
    after = disks.read(todo.after.document)["vda"]
    assert (after.source, after.format) == ("/srv/over", "qcow2")


@pytest.mark.parametrize(
    "changed",
    [
        {"state": "running"},
        {"local": False},
        {"document": domain("/srv/web")},
        {"snapshots": {"second": SECOND, "third": snapshot("third", "/srv/web.second", "/srv/web.third", "second")}},
    ],
)
def test_going_back_is_refused_where_it_is_not_safe(changed):
    assert reversion.plan(CHAIN, SECOND, OPTIONS).changes
    assert refused(reversion.plan, replace(CHAIN, **changed), SECOND, OPTIONS) == "CANNOT_REVERT"


def test_no_file_is_changed_on_which_an_overlay_lies():
    inner = snapshot("inner", "/srv/web", None)
    assert reversion.plan(view("/srv/web", inner), inner, OPTIONS).changes
    assert refused(reversion.plan, view("/srv/web.first", inner, FIRST), inner, OPTIONS) == "NEEDED_BY_SNAPSHOT"
