# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import os
import struct
import subprocess

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._image.inspect import inspect

GIB = 1 << 30


def qcow2(
    version=3,
    backing=0,
    bits=16,
    size=GIB,
    crypt=0,
    features=0,
    l1=0x30000,
    entries=2,
    refcounts=0x10000,
    snapshots=0,
    order=4,
    length=112,
    compression=0,
    extensions=b"",
    l2=0,
):
    """A qcow2 header with one thing about it chosen, padded to the four clusters that a new image has."""
    header = struct.pack(
        ">4sIQIIQIIQQIIQQQQIIB7x",
        *(
            b"QFI\xfb",
            version,
            backing,
            8 if backing else 0,
            bits,
            size,
            crypt,
            entries,
            l1,
            refcounts,
            1,
            snapshots,
            0,
        ),
        *(features, 0, 0, order, length, compression),
    )
    return (header + extensions + struct.pack(">II", 0, 0)).ljust(0x30000, b"\0") + struct.pack(">Q", l2).ljust(
        0x10000, b"\0"
    )


def refused(content, expected="qcow2", limit=64 * GIB):
    with pytest.raises(HypervisorError) as caught:
        inspect(io.BytesIO(content), "lab", expected, limit)
    assert caught.value.code == "IMAGE_REFUSED" and "lab" in str(caught.value)
    return caught.value.details["reason"]


def test_real_images_pass(tmp_path):
    content = tmp_path / "content"
    content.write_bytes(os.urandom(1 << 16) * 32 + bytes(1 << 20))
    for number, (options, image_format) in enumerate(
        (
            (["-o", "compat=1.1"], "qcow2"),
            (["-o", "compat=0.10"], "qcow2"),
            (["-c"], "qcow2"),
            (["-c", "-o", "compression_type=zstd"], "qcow2"),
            (["-o", "extended_l2=on,cluster_size=128k"], "qcow2"),
            (["-o", "cluster_size=512"], "qcow2"),
            (["-o", "preallocation=metadata,lazy_refcounts=on"], "qcow2"),
            ([], "raw"),
        )
    ):
        path = tmp_path / f"image.{number}"
        argv = ["qemu-img", "convert", "-f", "raw", "-O", image_format, *options, str(content), str(path)]
        subprocess.run(argv, check=True)
        with path.open("rb") as file:
            header = inspect(file, "lab", image_format, GIB)
        assert (header.format, header.virtual_size) == (image_format, 3 << 20)


def test_every_format_of_qemu_img_is_told_from_raw(tmp_path):
    path = tmp_path / "image"
    for image_format, name in (
        *(
            ("vmdk", "VMDK"),
            ("vpc", "VHD"),
            ("vhdx", "VHDX"),
            ("qed", "QED"),
            ("vdi", "VDI"),
            ("parallels", "Parallels"),
        ),
        *(("qcow", "qcow2"), ("qcow2", "qcow2")),
    ):
        subprocess.run(["qemu-img", "create", "-q", "-f", image_format, str(path), "3M"], check=True)
        assert refused(path.read_bytes(), "raw") == f"it is {name}, and raw was expected"
    options = ["-o", "subformat=fixed", str(path), "3M"]
    subprocess.run(["qemu-img", "create", "-q", "-f", "vpc", *options], check=True)
    assert "VHD" in refused(path.read_bytes(), "raw")


def test_a_real_image_that_is_cut_is_refused(tmp_path):
    content, path = tmp_path / "content", tmp_path / "image"
    content.write_bytes(os.urandom(1 << 20))
    for options in ([], ["-c"], ["-o", "extended_l2=on"]):
        argv = ["qemu-img", "convert", "-f", "raw", "-O", "qcow2", *options, str(content), str(path)]
        subprocess.run(argv, check=True)
        whole = path.read_bytes()
        for size in (len(whole) // 2, len(whole) // 4, 1 << 16, 1000, 80):
            refused(whole[:size])


def test_an_image_with_a_snapshot_is_refused(tmp_path):
    path = tmp_path / "image"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", str(path), "3M"], check=True)
    subprocess.run(["qemu-img", "snapshot", "-c", "then", str(path)], check=True)
    assert "snapshots: 1" in refused(path.read_bytes())


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
        (qcow2(l2=0x50000 | 1 << 63), "truncated"),
        (qcow2(entries=1), "too small"),
        (qcow2(entries=1 << 30), "entries"),
        (qcow2(snapshots=1), "snapshots"),
        (qcow2(order=7), "reference counts"),
        (qcow2(length=96), "96 bytes"),
        (qcow2(length=0x20000), "131072 bytes"),
        (qcow2(length=109), "109 bytes"),
        (qcow2(features=1 << 3, compression=2), "compressed"),
        (qcow2(extensions=struct.pack(">II", 0x1234, 0x10000)), "does not fit"),
        (qcow2(extensions=struct.pack(">II8x", 0x1234, 4) + struct.pack(">II", 0x1235, 0xFFFFFFF0)), "does not fit"),
        (qcow2(extensions=struct.pack(">II8s", 0x44415441, 8, b"/etc/pwd")), "another file"),
        (qcow2()[:80], "80 bytes"),
        (b"", "raw"),
        (b"<html>not found</html>".ljust(4096), "raw"),
        (b"KDMV".ljust(4096, b"\0"), "VMDK"),
    ],
)
def test_a_bad_qcow2_is_refused(content, reason):
    assert reason in refused(content)


class Counted(io.BytesIO):
    """A file that knows how many bytes were read of it."""

    done = 0

    def read(self, size=-1):
        content = super().read(size)
        self.done += len(content)
        return content


@pytest.mark.parametrize("size", [GIB, 2 << 50])
def test_no_more_is_read_than_the_file_has(size):
    # Every entry of a table for 2 PiB names the same cluster: 256 GiB, were it read each time.
    entries, table = 1 << 22, 0x30000 + (8 << 22)
    header = qcow2(size=size, entries=entries)[:0x30000]
    file = Counted(header + struct.pack(">Q", table) * entries + bytes(1 << 16))
    if size == GIB:
        assert inspect(file, "lab", "qcow2", 64 * GIB).virtual_size == GIB
        assert file.done < 1 << 17  # the second table once, and of the first what a disk of this size has a use for
    else:
        with pytest.raises(HypervisorError, match="virtual size"):
            inspect(file, "lab", "qcow2", 64 * GIB)
        assert file.done < 1 << 13
        file.done = 0
        assert inspect(file, "lab", "qcow2", size).virtual_size == size
        assert file.done <= len(file.getvalue())


def test_tables_that_overlap_are_refused():
    assert "begin" in refused(qcow2(l2=0x20200))


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
        (b"# mine\n\n  # yours\nversion=3\n".ljust(4096, b"\0"), "VMDK"),
        (b"\0" * 4096 + b"koly".ljust(512, b"\0"), "DMG"),
        (b"\xfd7zXZ\0".ljust(4096, b"\0"), "xz"),
        (b"\0" * 4096 + b"conectix".ljust(512, b"\0"), "VHD"),
        (b"\0" * 511, "only 511 bytes"),
    ],
)
def test_a_raw_image_that_is_something_else_is_refused(content, reason):
    assert reason in refused(content, "raw")
