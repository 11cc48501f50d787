# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._xml import document

BOMB = (
    "<!DOCTYPE d ["
    + "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10 if n else 'ha'}'>" for n in range(10))
    + "]><domain><name>&e9;</name></domain>"
)


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><domain><name>&x;</name></domain>",
        "<!DOCTYPE d SYSTEM 'http://127.0.0.1:9/d.dtd'><domain/>",
        "<!DOCTYPE domain><domain/>",
        BOMB,
        f"<domain><title>{'x' * (document.MAX_BYTES + 1)}</title></domain>",
        "<a>" * 300 + "</a>" * 300,
        "<domain>",
        "",
        "<network/>",
    ],
    ids=["external entity", "external DTD", "DTD", "bomb", "size", "depth", "broken", "empty", "other root"],
)
def test_hostile_and_broken_documents_are_refused(text):
    with pytest.raises(HypervisorError) as refused:
        document.parse(text, "domain")
    assert refused.value.code == "INVALID_XML"


def test_an_honest_document_is_read():
    element = document.parse("<domain>\n <!-- note --><name>web</name><?pi?>\n <x a='1'/></domain>", "domain")
    assert document.to_text(element) == '<domain>\n  <name>web</name>\n  <x a="1"/>\n</domain>\n'
    assert document.get(element, "name") == "web" and document.get(element, "x/@a") == "1"
    assert document.get(element, "x/@b") is None and document.get(element, "y") is None


def test_paths_are_made_and_taken_away_with_what_is_left_empty():
    element = document.parse("<domain/>")
    document.put(element, "devices/disk[@device='cdrom']/source/@file", "/a")
    assert document.get(element, "devices/disk[@device='cdrom']/source/@file") == "/a"
    document.remove(element, "devices/disk/source/@file")
    assert document.find(element, "devices/disk") is not None and document.find(element, "devices/disk/source") is None
