# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""In what a running domain differs from its definition, as far as a restart would change it. Pure."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from .._xml import document, properties, rules
from .._xml.difference import Change
from .._xml.document import Element
from .._xml.properties import NEXT_BOOT, Group, Items
from .._xml.rules import Default, Sized
from . import untyped
from .live.slots import free_slots
from .options.cpu import HOST_MODEL
from .properties import PROPERTIES

PORTS = "pcie_root_ports"

_STARTED = (
    Sized("memory", "MiB"),
    Sized("cpu/numa/cell", "MiB", at="memory"),
    Default("devices/disk[shareable]", "driver/@cache", "none"),
)
"""What a domain has when it starts: whole mebibytes, and disks that others can write to without a cache."""


def differing(live: Element, stored: Element, done: Sequence[Change] = ()) -> list[Change]:
    """Every difference, in either direction, but for what C(done) says is brought to the running domain.

    What changes by itself while a domain runs is left out.
    """
    paths = {change.path for change in done}
    return [change for change in _declared(live, stored) if not _within(change.path, paths)] + untyped.differing(
        live, stored
    )


def _within(path: str, done: set[str]) -> bool:
    return any(path == each or path.startswith((each + ".", each + "[")) for each in done)


def _declared(live: Element, stored: Element) -> list[Change]:
    """What the options tell."""
    before, after = (properties.read(PROPERTIES, rules.apply(_STARTED, each)) for each in (live, stored))
    if before["cpu"] and _is_computed(stored):
        before["cpu"] = {**before["cpu"], **{name: after["cpu"][name] for name in ("mode", "model", "vendor_id")}}
    found = _values(PROPERTIES, before, after, "")
    return [change for change in found if change.path != PORTS or not _is_spare(change, live)]


def _is_computed(stored: Element) -> bool:
    """Whether the model of the CPU is made for the host when the domain starts."""
    return document.get(stored, "cpu/@mode") == HOST_MODEL or document.get(stored, "cpu/@match") == "minimum"


def _is_spare(ports: Change, live: Element) -> bool:
    """Where a device took the last root port of the guest, libvirt adds one to the definition, so that one is free."""
    return bool(ports.after == ports.before + 1 and free_slots(live).express == 0)


def _values(
    declared: Sequence[Any], before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, prefix: str
) -> list[Change]:
    found: list[Change] = []
    for item in declared:
        present, wanted = (before or {}).get(item.name), (after or {}).get(item.name)
        path = prefix + item.name
        if isinstance(item, Items):
            found += [] if item.volatile else _items(item, present or [], wanted or [], path)
        elif isinstance(item, Group):
            found += _values(item.properties, present, wanted, path + ".")
        elif not item.volatile and not (item.generated and wanted is None) and not _same(item, present, wanted):
            found.append(Change(path, present, wanted, NEXT_BOOT))
    return found


def _same(item: Any, present: Any, wanted: Any) -> bool:
    """What is missing in one of them may mean what the other says."""
    return present == wanted or bool(item.same(present, wanted) if wanted is not None else item.same(wanted, present))


def _items(item: Items, before: Sequence[Any], after: Sequence[Any], path: str) -> list[Change]:
    present, wanted = ({item.key_of(each): each for each in members} for members in (before, after))
    found: list[Change] = []
    for key in {**present, **wanted}:
        name = f"{path}[{item.describe(key)}]"
        if key not in present or key not in wanted:
            found.append(Change(name, present.get(key), wanted.get(key), NEXT_BOOT))
        else:
            found += _values(item.properties, present[key], wanted[key], name + ".")
    return found
