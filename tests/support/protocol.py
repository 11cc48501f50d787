# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls of libvirt's protocol by number and by name."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Mapping

REMOTE, QEMU = 0x20008086, 0x20008087
"""The programs that a client talks to; others keep a connection alive."""
OPEN, CLOSE = 1, 2

_NAMES = Path("/usr/share/systemtap/tapset/libvirt_functions.stp")
"""libvirt's daemon installs the names of the calls for those who trace it."""


def name(program: int, procedure: int) -> str:
    """The name of a call, its number where libvirt did not install the names."""
    return _names().get((program, procedure), f"procedure {procedure}")


@lru_cache(maxsize=None)
def _names() -> Mapping[tuple[int, int], str]:
    names: dict[tuple[int, int], str] = {}
    program = procedure = 0
    for line in _NAMES.read_text().splitlines() if _NAMES.exists() else []:
        number = re.search(r"(program|proc) == (\d+)", line)
        found = re.search(r'procstr = "(\w+)"', line)
        if number and number[1] == "program":
            program = int(number[2])
        elif number:
            procedure = int(number[2])
        elif found:
            names[program, procedure] = found[1]
    return names
