# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The file in which libvirt keeps a saved machine: a header, the domain's document, and the memory as QEMU writes it.

The layout (qemu_saveimage.h of libvirt) has been the same since 2012. The document in it is changed in a copy,
as libvirt restores a machine only under the name and UUID that it was saved with.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path

from .._errors import HypervisorError

_MAGIC, _UNFINISHED = b"LibvirtQemudSave", b"LibvirtQemudPart"
_VERSION = 2
_HEADER = struct.Struct("=16s5I56x")
"""Magic, version, length of all before the memory, whether it ran, compression, offset of the cookie."""

_CHUNK = 1 << 30


@dataclass(frozen=True)
class Head:
    """All before the memory."""

    document: str
    cookie: bytes
    length: int
    """Of document, cookie and padding."""
    ran: int
    compression: int

    @property
    def size(self) -> int:
        """The offset of the memory."""
        return _HEADER.size + self.length

    def pack(self) -> bytes:
        """The bytes, with at least C(length) of content."""
        text = self.document.encode() + b"\0"
        offset = len(text) if self.cookie else 0
        content = (text + self.cookie).ljust(self.length, b"\0")
        return _HEADER.pack(_MAGIC, _VERSION, len(content), self.ran, self.compression, offset) + content


def read_head(path: Path) -> Head:
    """The head of a machine that was saved completely; any other file is refused."""
    with path.open("rb") as file:
        start = file.read(_HEADER.size)
        if len(start) < _HEADER.size:
            raise _unusable(path, "it is truncated")
        magic, version, length, ran, compression, offset = _HEADER.unpack(start)
        if magic == _UNFINISHED:
            raise _unusable(path, "saving it was interrupted")
        if magic != _MAGIC:
            raise _unusable(path, "it is not a machine that libvirt saved")
        if version != _VERSION:
            raise _unusable(path, f"it is of version {version} of libvirt's format, and {_VERSION} is known")
        content = file.read(length)
    if len(content) < length:
        raise _unusable(path, "it is truncated")
    text = content[: content.index(b"\0")] if b"\0" in content else content
    cookie = content[offset:].rstrip(b"\0") + b"\0" if offset else b""
    return Head(text.decode(), cookie, length, ran, compression)


def copy_as(source: Path, target: Path, head: Head) -> None:
    """A copy with another document. The kernel copies the memory, and shares its blocks where the file system can."""
    skipped = read_head(source).size
    with source.open("rb") as reader, open(target, "wb", opener=_private) as writer:
        writer.write(head.pack())
        writer.flush()
        left = os.fstat(reader.fileno()).st_size - skipped
        os.lseek(reader.fileno(), skipped, os.SEEK_SET)
        while left > 0:
            copied = _copy(reader.fileno(), writer.fileno(), min(left, _CHUNK))
            if copied == 0:
                raise _unusable(source, "it became shorter while it was copied")
            left -= copied


def _copy(reader: int, writer: int, count: int) -> int:
    if hasattr(os, "copy_file_range"):
        try:
            return os.copy_file_range(reader, writer, count)
        except OSError:
            pass  # not between these two file systems
    return os.sendfile(writer, reader, None, count)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _unusable(path: Path, why: str) -> HypervisorError:
    return HypervisorError(
        f"The saved machine {path} cannot be used: {why}. Remove it with mini.hypervisor.guest_save and state: absent,"
        " and have it made again.",
        "SAVE_UNUSABLE",
        path=str(path),
    )
