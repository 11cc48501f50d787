# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import struct
import subprocess

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._image.inspect import inspect

GIB = 1 << 30


def qcow2(version=3, backing=0, bits=16, size=GIB, crypt=0, features=0, l1=0x30000, refcounts=0x10000, extensions=b""):
    """A qcow2 header with one thing about it chosen, padded to the four clusters that a new image has."""
    header = struct.pack(
        ">4sIQIIQIIQQIIQQQQII",
        *(b"QFI\xfb", version, backing, 8 if backing else 0, bits, size, crypt, 2, l1, refcounts, 1, 0, 0),
        *(features, 0, 0, 4, 104),
    )
    return (header + extensions + struct.pack(">II", 0, 0)).ljust(0x40000, b"\0")


def refused(content, expected="qcow2", limit=64 * GIB):
    with pytest.raises(HypervisorError) as caught:
        inspect(io.BytesIO(content), "lab", expected, limit)
    assert caught.value.code == "IMAGE_REFUSED" and "lab" in str(caught.value)
    return caught.value.details["reason"]


def test_real_images_pass(tmp_path):
    for options, image_format in (("compat=1.1", "qcow2"), ("compat=0.10", "qcow2"), (None, "raw")):
        path = tmp_path / f"image.{options}"
        argv = ["qemu-img", "create", "-q", "-f", image_format, *(["-o", options] if options else []), str(path), "3M"]
        subprocess.run(argv, check=True)
        with path.open("rb") as file:
            header = inspect(file, "lab", image_format, GIB)
        assert (header.format, header.virtual_size) == (image_format, 3 << 20)


def test_what_qemu_img_makes_hostile_is_refused(tmp_path):
    (tmp_path / "secret").write_bytes(b"x" * 4096)
    base = ["qemu-img", "create", "-q", "-f", "qcow2"]
    for options, reason in (
        (["-b", str(tmp_path / "secret"), "-F", "raw"], "backing file"),
        (["-u", "-b", 'json:{"driver":"file","filename":"/etc/shadow"}', "-F", "raw"], "backing file"),
        (["-o", f"data_file={tmp_path / 'data'},data_file_raw=on"], "another file"),
    ):
        path = tmp_path / "image"
        subprocess.run([*base, *options, str(path), "1M"], check=True)
        assert reason in refused(path.read_bytes())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (qcow2(backing=112), "backing file"),
        (qcow2(version=1), "version 1"),
        (qcow2(version=4), "version 4"),
        (qcow2(features=1 << 1), "corrupt"),
        (qcow2(features=1 << 2), "another file"),
        (qcow2(features=1 << 5), "incompatible bits 0x20"),
        (qcow2(features=1 << 63), "incompatible bits"),
        (qcow2(crypt=1), "encrypted"),
        (qcow2(bits=40), "clusters"),
        (qcow2(size=65 * GIB), "virtual size"),
        (qcow2(size=0), "virtual size"),
        (qcow2(l1=1 << 40), "truncated"),
        (qcow2(refcounts=1 << 40), "truncated"),
        (qcow2(extensions=struct.pack(">II8s", 0x44415441, 8, b"/etc/pwd")), "another file"),
        (qcow2()[:80], "80 bytes"),
        (b"", "raw"),
        (b"<html>not found</html>".ljust(4096), "raw"),
        (b"KDMV".ljust(4096, b"\0"), "VMDK"),
    ],
)
def test_a_bad_qcow2_is_refused(content, reason):
    assert reason in refused(content)


def test_a_good_made_up_header_passes():
    # Without this, the table above could be refused for a reason it shares.
    assert inspect(io.BytesIO(qcow2()), "lab", "qcow2", 64 * GIB).virtual_size == GIB
    assert inspect(io.BytesIO(qcow2(features=1 << 3)), "lab", "qcow2", 64 * GIB).virtual_size == GIB


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (qcow2(), "qcow2"),
        (b"KDMV".ljust(4096, b"\0"), "VMDK"),
        (b"# Disk DescriptorFile\nversion=1\n".ljust(4096, b"\0"), "VMDK"),
        (b"\xfd7zXZ\0".ljust(4096, b"\0"), "xz"),
        (b"\0" * 4096 + b"conectix".ljust(512, b"\0"), "VHD"),
        (b"\0" * 511, "only 511 bytes"),
    ],
)
def test_a_raw_image_that_is_something_else_is_refused(content, reason):
    assert reason in refused(content, "raw")
