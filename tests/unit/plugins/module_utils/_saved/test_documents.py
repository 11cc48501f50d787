# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is saved, what is plugged in later, and what names the host."""

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._saved import documents
from ansible_collections.mini.hypervisor.plugins.module_utils._xml import document

DISK = (
    "<disk type='file' device='disk'><driver name='qemu' type='{0}'/><source file='/srv/{1}'/><target dev='{2}'/>{3}"
    "</disk>"
)
CARD = "<interface type='network'><mac address='52:54:00:00:00:0{0}'/><source network='default'/></interface>"


def domain(*devices):
    return document.parse(
        f"<domain><name>web</name><uuid>5f2e9a0e-7f4c-4c3f-9b59-0c0f62b6e3a1</uuid><devices>{''.join(devices)}</devices>"
        "</domain>"
    )


ROOT, SEED = DISK.format("qcow2", "web.qcow2", "vda", ""), DISK.format("raw", "seed.iso", "vdb", "<readonly/>")


def test_cards_and_seed_are_plugged_in_later():
    whole = domain(ROOT, SEED, CARD.format(1), CARD.format(2))
    text, cards, disks = documents.restored(whole)
    without = document.parse(text)
    assert documents.pluggable(without) == [] and documents.disk(without) == "/srv/web.qcow2"
    assert [document.parse(each).tag for each in cards + disks] == ["interface", "interface", "disk"]
    assert len(documents.pluggable(whole)) == 3


@pytest.mark.parametrize(
    "disks",
    [
        [SEED],
        [ROOT, DISK.format("qcow2", "data.qcow2", "vdc", "")],
        [DISK.format("raw", "web.raw", "vda", "")],
        ["<disk type='volume' device='disk'><source pool='p' volume='v'/><target dev='vda'/></disk>"],
    ],
)
def test_another_kind_of_machine_is_refused(disks):
    with pytest.raises(HypervisorError) as raised:
        documents.disk(domain(*disks))
    assert raised.value.code == "UNSUPPORTED_MACHINE"


@pytest.mark.parametrize("card", [CARD.format(1), CARD.format(1).replace("<source", "<link state='up'/><source")])
def test_a_card_comes_without_its_link_and_is_the_same_otherwise(card):
    without = document.parse(documents.without_link(card), "interface")
    assert document.get(without, "link/@state") == "down" and document.get(without, "mac/@address")[-1] == "1"
    without.remove(without.find("link"))
    assert document.to_text(without) == document.to_text(document.parse(CARD.format(1)))


def test_cards_are_paired_in_their_order():
    before, after = (documents.macs(domain(CARD.format(number))) for number in (1, 2))
    assert documents.changed_macs(before, after) == {"52:54:00:00:00:01": "52:54:00:00:00:02"}
    with pytest.raises(HypervisorError) as raised:
        documents.changed_macs(before, [])
    assert raised.value.code == "SAVE_DIFFERS"


def test_the_saved_document_gets_name_and_uuid_and_nothing_else():
    saved = "<domain><name>saved-1</name><uuid>0</uuid><title>kept</title><devices/></domain>"
    renamed = document.parse(documents.renamed(saved, domain(ROOT)))
    assert [(each.tag, each.text) for each in renamed] == [
        ("name", "web"),
        ("uuid", "5f2e9a0e-7f4c-4c3f-9b59-0c0f62b6e3a1"),
        ("title", "kept"),
        ("devices", None),
    ]


def test_the_host_is_its_processor_and_versions():
    text = (
        "<capabilities><host><cpu><arch>x86_64</arch><model>EPYC</model><vendor>AMD</vendor>"
        "<microcode version='7'/></cpu></host></capabilities>"
    )
    assert documents.host_facts(text, {"qemu": 7002000, "libvirt": 9000000}) == {
        "qemu": 7002000,
        "libvirt": 9000000,
        "architecture": "x86_64",
        "cpu": "EPYC",
        "cpu_vendor": "AMD",
        "microcode": "7",
    }
