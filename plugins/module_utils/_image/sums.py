# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Checksums as people and mirrors write them. Pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from .._errors import HypervisorError

_LENGTHS = {"sha256": 64, "sha512": 128}
_GNU = re.compile(r"([0-9a-fA-F]+) [ *](.+)")
_BSD = re.compile(r"([A-Za-z0-9]+) ?\((.+)\) ?= ?([0-9a-fA-F]+)")
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Checksum:
    """A digest and how it was made."""

    algorithm: str
    digest: str

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.digest}"


def parse_checksum(text: str) -> Checksum:
    """The checksum in C(text), such as C(sha256:9f86...)."""
    algorithm, _colon, digest = text.strip().lower().partition(":")
    if len(digest) != _LENGTHS.get(algorithm) or not re.fullmatch("[0-9a-f]+", digest):
        raise HypervisorError(
            f"Checksum {text!r} is not understood: write sha256: and 64 hexadecimal digits,"
            " or sha512: and 128 of them.",
            code="INVALID_CHECKSUM",
        )
    return Checksum(algorithm, digest)


def find_checksum(listing: str, name: str, origin: str) -> Checksum:
    """The checksum of file C(name) in C(listing), the text of a file like SHA256SUMS fetched from C(origin)."""
    found = {checksum for path, checksum in _entries(listing) if path.rsplit("/", 1)[-1] == name}
    if len(found) != 1:
        problem = "no SHA-256 or SHA-512 checksum" if not found else "more than one checksum"
        raise HypervisorError(
            f"{origin} has {problem} for {name}: check that the URL of the image and that of its checksums"
            " belong together.",
            code="CHECKSUM_MISSING",
            name=name,
        )
    return found.pop()


def _entries(listing: str) -> list[tuple[str, Checksum]]:
    entries = []
    for line in listing.splitlines():
        gnu, bsd = _GNU.fullmatch(line.strip()), _BSD.fullmatch(line.strip())
        if gnu:
            digest, path = gnu.groups()
            named = None
        elif bsd:
            named, path, digest = bsd.groups()
        else:
            continue
        for algorithm, length in _LENGTHS.items():
            if len(digest) == length and (named is None or named.lower().replace("-", "") == algorithm):
                entries.append((path, Checksum(algorithm, digest.lower())))
    return entries


def digest_file(path: Path, *algorithms: str) -> dict[str, str]:
    """Algorithm -> hexadecimal digest of the file, read once."""
    hashes = {algorithm: hashlib.new(algorithm) for algorithm in algorithms}
    with path.open("rb") as file:
        for chunk in iter(lambda: file.read(_CHUNK), b""):
            for each in hashes.values():
                each.update(chunk)
    return {algorithm: each.hexdigest() for algorithm, each in hashes.items()}
