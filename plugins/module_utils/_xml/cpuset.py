# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Sets of processors or memory nodes as libvirt writes them: C(0-3,^2,8)."""

from __future__ import annotations

import re

from .._errors import HypervisorError

_PART = re.compile(r"(\^?)(\d+)(?:-(\d+))?")
_MOST = 16383
"""The highest number of a processor in libvirt."""


def parse_cpuset(text: str) -> frozenset[int]:
    """The numbers in C(text); those behind a C(^) are taken out again."""
    found: set[int] = set()
    for part in text.replace(" ", "").split(","):
        match = _PART.fullmatch(part)
        first, last = (int(match[2]), int(match[3] or match[2])) if match else (1, 0)
        if match is None or not first <= last <= _MOST:
            raise HypervisorError(
                f"{text!r} is not a set of numbers: write ranges and numbers, such as 0-3,^2,8.", "INVALID_OPTION"
            )
        numbers = range(first, last + 1)
        found = found.difference(numbers) if match[1] else found.union(numbers)
    return frozenset(found)


def format_cpuset(numbers: frozenset[int]) -> str:
    """The shortest way to write the numbers, as libvirt stores it."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and parts[-1][-1] == number - 1:
            parts[-1][1:] = [number]
        else:
            parts.append([number])
    return ",".join("-".join(str(number) for number in part) for part in parts)
