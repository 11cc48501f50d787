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

import re
import struct
from dataclasses import dataclass
from typing import BinaryIO

from .._errors import HypervisorError
from .._xml.units import format_size

QCOW2, RAW = "qcow2", "raw"

_QCOW2_MAGIC = b"QFI\xfb"
_VHD_MAGIC = b"conectix"
_FOREIGN = (
    (0, b"KDMV", "VMDK"),
    (0, b"COWD", "VMDK"),
    (0, b"# Disk DescriptorFile", "VMDK"),
    (0, _VHD_MAGIC, "VHD"),
    (0, b"vhdxfile", "VHDX"),
    (0, b"QED\0", "QED"),
    (0, b"LUKS\xba\xbe", "LUKS"),
    (0, b"WithoutFreeSpace", "Parallels"),
    (0, b"WithouFreSpacExt", "Parallels"),
    (64, b"\x7f\x10\xda\xbe", "VDI"),
    (0, b"Bochs Virtual HD Image\0", "Bochs"),
    (0, b"#!/bin/sh\n#V2.0 Format\nmodprobe cloop", "cloop"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"BZh", "bzip2"),
    (0, b"PK\x03\x04", "zip"),
)
"""Offset, magic, and the format that begins so."""

_TRAILERS = ((_VHD_MAGIC, "VHD"), (b"koly", "DMG"))
"""With what the last sector begins, and the format that ends so."""

_VMDK_DESCRIPTOR = re.compile(rb"(?:[ \t]*(?:#[^\n]*)?\r?\n)*version=[123]\r?\n")
"""How QEMU recognizes the text that describes a VMDK: comments and empty lines may come first."""

# Incompatible features of qcow2 version 3 that change how the file is read and nothing else.
_COMPRESSION_TYPE, _EXTENDED_L2 = 1 << 3, 1 << 4
_REFUSED_FEATURES = {
    0: "it was not closed cleanly (dirty)",
    1: "it is marked corrupt",
    2: "its data are in another file",
}
_DATA_FILE_EXTENSION = 0x44415441
_V2_LENGTH, _V3_LENGTH = 72, 104
_COMPRESSIONS = (0, 1)
"""zlib and zstd."""

_MOST_L1_ENTRIES = 1 << 22
_MOST_REFCOUNT_ORDER = 6
_OFFSET, _COMPRESSED = (1 << 56) - (1 << 9), 1 << 62
"""Of a table's entry: where the cluster is, and whether it is compressed."""

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
    try:
        return _header(file, expected, limit)
    except _RefusalError as refused:
        raise HypervisorError(
            f"Image {name} is refused: {refused}. Use an image from a source you trust, in the format it is said to"
            " have.",
            code="IMAGE_REFUSED",
            reason=str(refused),
        ) from None


def _header(file: BinaryIO, expected: str, limit: int) -> Header:
    size = file.seek(0, 2)
    file.seek(0)
    start = file.read(4096)
    found = _format(start)
    if found != expected:
        raise _RefusalError(f"it is {found}, and {expected} was expected")
    if size < _SECTOR:
        raise _RefusalError(f"it has only {size} bytes")
    if found == RAW:
        trailer = _trailer(file)
        if trailer:
            raise _RefusalError(f"it is {trailer}, and {expected} was expected")
        return Header(RAW, _allowed(size, limit))
    image = _Qcow2(file, start, size)
    # The size comes before the tables: it bounds how many of them are read.
    virtual_size = _allowed(image.virtual_size(), limit)
    image.check_tables()
    return Header(QCOW2, virtual_size)


def _allowed(size: int, limit: int) -> int:
    if not 0 < size <= limit:
        raise _RefusalError(f"its virtual size is {format_size(size)}, and at most {format_size(limit)} is allowed")
    return size


def _format(start: bytes) -> str:
    if start.startswith(_QCOW2_MAGIC):
        return QCOW2
    for offset, magic, name in _FOREIGN:
        if start[offset : offset + len(magic)] == magic:
            return name
    return "VMDK" if _VMDK_DESCRIPTOR.match(start) else RAW


def _trailer(file: BinaryIO) -> str | None:
    """The format that is recognized by its end."""
    file.seek(-_SECTOR, 2)
    last = file.read(_SECTOR)
    return next((name for magic, name in _TRAILERS if last.startswith(magic)), None)


class _RefusalError(Exception):
    """Why an image is not accepted."""


class _Qcow2:
    """The header of a qcow2 image, and what it says about the file behind it."""

    def __init__(self, file: BinaryIO, start: bytes, size: int) -> None:
        if len(start) < _V3_LENGTH + 1:
            raise _RefusalError("its header is truncated")
        self._file, self._size = file, size
        (self._version, self._backing_offset, self._backing_length, self._cluster_bits, self._virtual_size) = (
            struct.unpack_from(">IQIIQ", start, 4)
        )
        self._crypt, self._l1_entries, self._l1, self._refcounts, self._refcount_clusters, self._snapshots = (
            struct.unpack_from(">IIQQII", start, 32)
        )
        self._features, self._refcount_order, self._length, self._compression = 0, 4, _V2_LENGTH, 0
        if self._version == 3:
            self._features = struct.unpack_from(">Q", start, 72)[0]
            self._refcount_order, self._length = struct.unpack_from(">II", start, 96)
            self._compression = start[_V3_LENGTH] if self._length > _V3_LENGTH else 0

    def virtual_size(self) -> int:
        """The size of the disk, of an image whose header hides nothing."""
        if self._version not in (2, 3):
            raise _RefusalError(f"it is qcow version {self._version}, and only 2 and 3 are known")
        if self._backing_offset or self._backing_length:
            raise _RefusalError("it has a backing file, which could be any file of the host")
        if not 9 <= self._cluster_bits <= 21:
            raise _RefusalError(f"its clusters are 2^{self._cluster_bits} bytes")
        if self._crypt:
            raise _RefusalError("it is encrypted")
        self._check_features()
        self._check_extensions()
        if self._snapshots:
            raise _RefusalError(f"it holds earlier contents (internal snapshots: {self._snapshots})")
        return int(self._virtual_size)

    @property
    def _cluster(self) -> int:
        return 1 << int(self._cluster_bits)

    def _check_features(self) -> None:
        for bit, why in _REFUSED_FEATURES.items():
            if self._features >> bit & 1:
                raise _RefusalError(why)
        unknown = self._features & ~(_COMPRESSION_TYPE | _EXTENDED_L2)
        if unknown:
            raise _RefusalError(f"it needs features that are not known (incompatible bits {unknown:#x})")
        if self._compression not in _COMPRESSIONS:
            raise _RefusalError(f"it is compressed in a way that is not known ({self._compression})")
        if self._refcount_order > _MOST_REFCOUNT_ORDER:
            raise _RefusalError(f"its reference counts have 2^{self._refcount_order} bits")

    def _check_extensions(self) -> None:
        """The header extensions lie between the header and the end of its cluster."""
        minimum = _V3_LENGTH if self._version == 3 else _V2_LENGTH
        if not minimum <= self._length <= self._cluster or self._length % 8:
            raise _RefusalError(f"its header is said to have {self._length} bytes")
        position = int(self._length)
        while position + 8 <= self._cluster:
            self._file.seek(position)
            entry = self._file.read(8)
            if len(entry) < 8:
                raise _RefusalError("its header is truncated")
            kind, length = struct.unpack(">II", entry)
            if kind == 0:
                return
            if kind == _DATA_FILE_EXTENSION:
                raise _RefusalError("it names another file that holds its data")
            position += 8 + (length + 7) // 8 * 8
            if position > self._cluster:
                raise _RefusalError(f"a header extension of {length} bytes does not fit into its header")

    def check_tables(self) -> None:
        """See that the image is whole: what its tables point at lies within the file."""
        if self._l1_entries > _MOST_L1_ENTRIES:
            raise _RefusalError(f"its table of {self._l1_entries} entries is larger than any that QEMU takes")
        behind = self._l1 + 8 * self._l1_entries > self._size
        if behind or self._refcounts + self._refcount_clusters * self._cluster > self._size:
            raise _RefusalError("it is truncated: its tables lie behind its end")
        entry_size = 16 if self._features & _EXTENDED_L2 else 8
        needed = -(-self._virtual_size // (self._cluster * (self._cluster // entry_size)))
        if needed > self._l1_entries:
            raise _RefusalError("its table is too small for its virtual size")
        # A file may name one table millions of times. Each is read once, and none overlaps another, so that no more is
        # read than the file has.
        for table in sorted({entry & _OFFSET for entry in self._entries(self._l1, 8 * needed)} - {0}):
            if table % self._cluster:
                raise _RefusalError("its tables do not begin where its clusters do")
            if table + self._cluster > self._size:
                raise _RefusalError("it is truncated: its tables lie behind its end")
            if self._last(table, entry_size) >= self._size:
                raise _RefusalError("it is truncated: its data lie behind its end")

    def _entries(self, offset: int, length: int) -> list[int]:
        self._file.seek(offset)
        content = self._file.read(length)
        return list(struct.unpack(f">{len(content) // 8}Q", content[: len(content) // 8 * 8]))

    def _last(self, table: int, entry_size: int) -> int:
        """The offset of the data that lie last, of those in one table of the second level."""
        compressed_offset = (1 << (70 - self._cluster_bits)) - 1
        entries = self._entries(table, self._cluster)[:: entry_size // 8]
        return max(entry & (compressed_offset if entry & _COMPRESSED else _OFFSET) for entry in entries)
