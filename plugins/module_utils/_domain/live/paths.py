# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The paths of changes, taken apart: C(disks[vda].iotune.total_iops_sec)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..._xml.document import Element
from ..._xml.properties import Items, read
from ..properties import PROPERTIES

_PATH = re.compile(r"(?P<option>\w+)(\[(?P<key>[^]]*)\])?(\.(?P<member>\w+))?")
_ITEMS = {item.name: item for item in PROPERTIES if isinstance(item, Items)}


@dataclass(frozen=True)
class Place:
    """What a change is about: an option, of a list the element with that key, and its member."""

    option: str
    key: str | None = None
    member: str | None = None


def place(path: str) -> Place:
    """C(path) taken apart; members below the first one are left out."""
    match = _PATH.match(path)
    if match is None:
        raise ValueError(f"{path!r} does not start with the name of an option")
    return Place(match["option"], match["key"], match["member"])


def items(option: str) -> Items:
    """The declaration of a list of devices."""
    return _ITEMS[option]


def find(option: str, key: str, element: Element) -> Any:
    """The element that C(option[key]) names in a document; None where it has none."""
    declared = items(option)
    for each in declared.elements(element):
        if declared.describe(declared.key_of(read(declared.properties, each))) == key:
            return each
    return None
