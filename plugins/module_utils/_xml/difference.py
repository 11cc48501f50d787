# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The difference between what is and what was asked, as a list of changes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Mapping, Sequence

from .properties import ABSENT, NEXT_BOOT, Group, Items


@dataclass(frozen=True)
class Change:
    """One differing value. C(path) is written as in a playbook, such as C(disks[vda].cache)."""

    path: str
    before: Any
    after: Any
    applied: str = NEXT_BOOT
    """How it takes effect: C(live), C(next_boot), C(restart) or C(recreate)."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def difference(
    properties: Sequence[Any], before: Mapping[str, Any] | None, after: Mapping[str, Any], prefix: str = ""
) -> list[Change]:
    """Every asked value (normal form) that differs from the present one; what was not asked is left alone."""
    changes: list[Change] = []
    for item in properties:
        wanted = after.get(item.name)
        if wanted is None:
            continue
        path, present = prefix + item.name, (before or {}).get(item.name)
        if isinstance(item, Group):
            changes += difference(item.properties, present, wanted, path + ".")
        elif isinstance(item, Items):
            changes += _items(item, present or [], wanted, path)
        elif not item.same(present, wanted):
            changes.append(Change(path, present, wanted, item.change))
    return changes


def _items(item: Items, before: Sequence[Any], after: Sequence[Any], path: str) -> list[Change]:
    present = {item.key_of(member): member for member in before}
    changes: list[Change] = []
    for wanted in after:
        key = item.key_of(wanted)
        name = f"{path}[{item.describe(key)}]"
        if wanted.get("state") == ABSENT:
            if key in present:
                changes.append(Change(name, present[key], None, item.change))
        elif key in present:
            changes += difference(item.properties, present[key], wanted, name + ".")
        else:
            changes.append(Change(name, None, dict(wanted), item.change))
    return changes
