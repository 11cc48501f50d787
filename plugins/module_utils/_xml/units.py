# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Sizes as people write them and as libvirt stores them."""

from __future__ import annotations

import re

from .._errors import HypervisorError

_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*")
_POWERS = "KMGTPE"


def _scale(unit: str) -> int | None:
    """Bytes in one C(unit), by libvirt's rules: C(K) and C(KiB) are 1024, C(KB) is 1000."""
    if unit.lower() in ("b", "byte", "bytes"):
        return 1
    letter, suffix = unit[:1].upper(), unit[1:].lower()
    if not letter or letter not in _POWERS or suffix not in ("", "b", "ib"):
        return None
    base = 1000 if suffix == "b" else 1024
    return int(base ** (_POWERS.index(letter) + 1))


def parse_size(text: str | int, default_unit: str = "B") -> int:
    """Bytes in C(text), such as C(2900MiB), C(10G) or a bare number of C(default_unit)."""
    match = _SIZE.fullmatch(str(text))
    scale = _scale(match.group(2) or default_unit) if match else None
    if match is None or scale is None:
        raise HypervisorError(
            f"{text!r} is not a size: write a number and a unit, such as 2900MiB or 10G"
            " (B, KB, KiB, MB, MiB, GB, GiB, TB, TiB, PB, PiB, EB, EiB; K, M, G, T are 1024-based).",
            code="INVALID_SIZE",
        )
    whole, _dot, fraction = match.group(1).partition(".")
    # Integer arithmetic: a float would round sizes above 2^53 bytes.
    return int(whole) * scale + (int(fraction) * scale // 10 ** len(fraction) if fraction else 0)


def format_size(size: int) -> str:
    """The shortest exact way to write C(size) bytes, such as C(2900 MiB)."""
    for power in range(len(_POWERS), 0, -1):
        scale = 1024**power
        if size and size % scale == 0:
            return f"{size // scale} {_POWERS[power - 1]}iB"
    return f"{size} B"
