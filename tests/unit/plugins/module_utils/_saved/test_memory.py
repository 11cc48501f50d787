# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file of a saved machine, as libvirt 9.0 was seen to write it."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._saved.memory import Head, copy_as, read_head

DOCUMENT = "<domain type='qemu'><name>saved</name></domain>"
COOKIE = b"<cookie/>\0"
MEMORY = bytes(range(256)) * 1000


@pytest.fixture
def saved(tmp_path):
    """By the layout of libvirt's header, not by our own code."""
    text = DOCUMENT.encode() + b"\0"
    content = (text + COOKIE).ljust(4004, b"\0")
    header = b"LibvirtQemudSave" + struct.pack("=5I", 2, len(content), 1, 0, len(text)) + bytes(56)
    path = tmp_path / "memory"
    path.write_bytes(header + content + MEMORY)
    return path


def test_the_head_is_read(saved):
    assert read_head(saved) == Head(DOCUMENT, COOKIE, 4004, 1, 0)
    assert saved.read_bytes()[read_head(saved).size :] == MEMORY


def test_a_head_without_a_cookie(saved):
    data = bytearray(saved.read_bytes())
    data[32:36] = bytes(4)
    saved.write_bytes(data)
    assert read_head(saved) == Head(DOCUMENT, b"", 4004, 1, 0)


@pytest.mark.parametrize(
    "document", ["<domain><name>web</name></domain>", f"<domain><name>{'w' * 9000}</name></domain>"]
)
def test_a_copy_has_another_document_and_the_same_memory(saved, tmp_path, document):
    before = saved.read_bytes()
    target = tmp_path / "copy"
    copy_as(saved, target, replace(read_head(saved), document=document))
    head = read_head(target)
    assert (head.document, head.cookie, head.ran) == (document, COOKIE, 1)
    assert target.read_bytes()[head.size :] == MEMORY
    assert target.stat().st_mode & 0o777 == 0o600
    assert saved.read_bytes() == before


def test_an_unchanged_head_is_written_as_libvirt_wrote_it(saved, tmp_path):
    copy_as(saved, tmp_path / "copy", read_head(saved))
    assert (tmp_path / "copy").read_bytes() == saved.read_bytes()


@pytest.mark.parametrize(
    ("start", "why"),
    [
        (b"LibvirtQemudPart" + struct.pack("=5I", 2, 4004, 1, 0, 0) + bytes(56), "interrupted"),
        (b"LibvirtQemudSave" + struct.pack("=5I", 3, 4004, 1, 0, 0) + bytes(56), "version 3"),
        (b"LibvirtQemudSave" + struct.pack("=5I", 2, 1 << 30, 1, 0, 0) + bytes(56), "truncated"),
        (b"QFI\xfb" + bytes(200), "not a machine"),
        (b"", "truncated"),
    ],
)
def test_any_other_file_is_refused(tmp_path, start, why):
    path = tmp_path / "memory"
    path.write_bytes(start)
    with pytest.raises(HypervisorError, match=why) as raised:
        read_head(path)
    assert raised.value.code == "SAVE_UNUSABLE"
