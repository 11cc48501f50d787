# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What a disk image says about itself in its first bytes, and whether that can be trusted. Pure.

QEMU believes what it reads: a qcow2 header may name any file of the host as its backing file or data
file, and a raw image that begins with another format's magic is taken for that format wherever the
format is probed. So an image is looked at before it is put where guests are made from it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO, Iterator

from .._errors import HypervisorError
from .._xml.units import format_size

QCOW2, RAW = "qcow2", "raw"

_QCOW2_MAGIC = b"QFI\xfb"
_FOREIGN = (
    (0, b"KDMV", "VMDK"),
    (0, b"COWD", "VMDK"),
    (0, b"# Disk DescriptorFile", "VMDK"),
    (0, b"conectix", "VHD"),
    (0, b"vhdxfile", "VHDX"),
    (0, b"QED\0", "QED"),
    (0, b"LUKS\xba\xbe", "LUKS"),
    (0, b"WithoutFreeSpace", "Parallels"),
    (0, b"WithouFreSpacExt", "Parallels"),
    (64, b"\x7f\x10\xda\xbe", "VDI"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"PK\x03\x04", "zip"),
)
"""Offset, magic, and the format that begins so."""

# Incompatible features of qcow2 version 3 that change how the file is read and nothing else.
_COMPRESSION_TYPE, _EXTENDED_L2 = 1 << 3, 1 << 4
_REFUSED_FEATURES = {
    0: "it was not closed cleanly (dirty)",
    1: "it is marked corrupt",
    2: "its data are in another file",
}
_DATA_FILE_EXTENSION = 0x44415441
_SECTOR = 512


@dataclass(frozen=True)
class Header:
    """The part of an image's header that matters."""

    format: str
    virtual_size: int


def inspect(file: BinaryIO, name: str, expected: str, limit: int) -> Header:
    """The header of the image in C(file), or an error that says why it is refused.

    C(name) is what the error calls it; C(expected) is the format it has to have; C(limit) is the
    largest virtual size in bytes.
    """
    size = file.seek(0, 2)
    file.seek(0)
    start = file.read(4096)
    found = _format(start)
    if found != expected:
        raise _refused(name, f"it is {found}, and {expected} was expected")
    if size < _SECTOR:
        raise _refused(name, f"it has only {size} bytes")
    if found == RAW:
        file.seek(-_SECTOR, 2)
        if file.read(8) == b"conectix":
            raise _refused(name, f"it is VHD, and {expected} was expected")
        virtual_size = size
    else:
        virtual_size = _qcow2_size(file, start, size, name)
    if not 0 < virtual_size <= limit:
        raise _refused(
            name, f"its virtual size is {format_size(virtual_size)}, and at most {format_size(limit)} is allowed"
        )
    return Header(found, virtual_size)


def _refused(name: str, why: str) -> HypervisorError:
    return HypervisorError(
        f"Image {name} is refused: {why}. Use an image from a source you trust, in the format it is said to have.",
        code="IMAGE_REFUSED",
        reason=why,
    )


def _format(start: bytes) -> str:
    if start.startswith(_QCOW2_MAGIC):
        return QCOW2
    for offset, magic, name in _FOREIGN:
        if start[offset : offset + len(magic)] == magic:
            return name
    return RAW


def _qcow2_size(file: BinaryIO, start: bytes, size: int, name: str) -> int:
    """The virtual size of a qcow2 image whose header hides nothing."""
    if len(start) < 104:
        raise _refused(name, "its header is truncated")
    version, backing_offset, backing_length, cluster_bits, virtual_size, crypt, l1_entries, l1, refcounts = (
        struct.unpack_from(">IQIIQIIQQ", start, 4)
    )
    if version not in (2, 3):
        raise _refused(name, f"it is qcow version {version}, and only 2 and 3 are known")
    if backing_offset or backing_length:
        raise _refused(name, "it has a backing file, which could be any file of the host")
    if not 9 <= cluster_bits <= 21:
        raise _refused(name, f"its clusters are 2^{cluster_bits} bytes")
    if crypt:
        raise _refused(name, "it is encrypted")
    features, header_length = struct.unpack_from(">Q", start, 72)[0], struct.unpack_from(">I", start, 100)[0]
    if version == 2:
        features, header_length = 0, 72
    _check_features(features, name)
    for kind in _extensions(file, header_length, 1 << cluster_bits):
        if kind == _DATA_FILE_EXTENSION:
            raise _refused(name, "it names another file that holds its data")
    if l1 + 8 * l1_entries > size or refcounts >= size:
        raise _refused(name, "it is truncated: its tables lie behind its end")
    return int(virtual_size)


def _check_features(features: int, name: str) -> None:
    for bit, why in _REFUSED_FEATURES.items():
        if features >> bit & 1:
            raise _refused(name, why)
    unknown = features & ~(_COMPRESSION_TYPE | _EXTENDED_L2)
    if unknown:
        raise _refused(name, f"it needs features that are not known (incompatible bits {unknown:#x})")


def _extensions(file: BinaryIO, start: int, end: int) -> Iterator[int]:
    """The types of the header extensions, which lie between the header and the end of its cluster."""
    position = start
    while position + 8 <= end:
        file.seek(position)
        entry = file.read(8)
        if len(entry) < 8:
            return
        kind, length = struct.unpack(">II", entry)
        if kind == 0:
            return
        yield kind
        position += 8 + (length + 7) // 8 * 8
