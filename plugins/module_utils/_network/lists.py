# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
# pylint does not see the fields that a dataclass inherits from another file.
# pylint: disable=redundant-keyword-arg
"""List options that are the whole of what the network has: what they do not list is removed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping, Sequence

from .._errors import HypervisorError
from .._xml import document, properties
from .._xml.document import Element
from .._xml.properties import Integer, Items, Property


@dataclass(frozen=True)
class Records(Property):
    """Elements that are the same where all their members are; C(key) tells two of them apart."""

    members: Sequence[Any] = ()
    key: tuple[str, ...] = ()

    def argument(self) -> dict[str, Any]:
        return {"type": "list", "elements": "dict", "options": properties.argument_spec(self.members), **self.spec}

    def normal(self, value: Any) -> Any:
        records = [self._normal(each) for each in value]
        seen: set[tuple[Any, ...]] = set()
        for record in records:
            key = tuple(record[name] for name in self.key)
            if key in seen:
                raise HypervisorError(
                    f"{self.name} lists {', '.join(map(str, filter(None, key)))} twice: list each once.",
                    "DUPLICATE_ITEM",
                )
            seen.add(key)
        return records

    def _normal(self, record: Mapping[str, Any]) -> dict[str, Any]:
        given = properties.normal(self.members, record)
        # libvirt stores no zero.
        return {item.name: given.get(item.name) if given.get(item.name) != 0 else None for item in self.members}

    def same(self, present: Any, wanted: Any) -> bool:
        return sorted(present or (), key=repr) == sorted(wanted, key=repr)

    def read(self, element: Element) -> Any:
        return [properties.read(self.members, found) for found in document.children(element, self.path)]

    def write(self, element: Element, value: Any) -> None:
        present = []
        for found in list(document.children(element, self.path)):
            record = properties.read(self.members, found)
            if record in value:
                present.append(record)
            else:
                found.getparent().remove(found)
        for record in value:
            if record not in present:
                _add(element, self.path, self.members, record)


def _add(element: Element, path: str, members: Sequence[Any], record: Mapping[str, Any]) -> None:
    parent, _slash, tag = path.rpartition("/")
    added = Items.add(document.ensure(element, parent) if parent else element, tag)
    properties.write(members, added, record)


@dataclass(frozen=True)
class Values(Property):
    """Elements with one value each: their text, or the attribute at the end of C(path)."""

    member: Property = field(default_factory=lambda: Property("", "."))

    def argument(self) -> dict[str, Any]:
        return {"type": "list", "elements": self.member.type, **self.spec}

    def normal(self, value: Any) -> Any:
        return [self.member.normal(each) for each in value]

    def same(self, present: Any, wanted: Any) -> bool:
        return list(present or ()) == list(wanted)

    def read(self, element: Element) -> Any:
        return [self.member.read(found) for found in document.children(element, self.path)]

    def write(self, element: Element, value: Any) -> None:
        document.remove(element, self.path)
        for each in value:
            _add(element, self.path, (self.member,), {self.member.name: each})


class ForwardDevices(Values):
    """The devices of the hypervisor that lead to the world; C(forward/@dev) only repeats the first of them."""

    def write(self, element: Element, value: Any) -> None:
        forward = document.find(element, "forward")
        if forward is not None:
            # Not empty, so that it stays: without a mode it is NAT.
            forward.set("mode", forward.get("mode") or "nat")
            forward.attrib.pop("dev", None)
        super().write(element, value)


class VlanTags(Values):
    """VLAN tags; libvirt itself adds that several of them are a trunk."""

    def write(self, element: Element, value: Any) -> None:
        document.remove(element, "vlan")
        super().write(element, value)


def tags(name: str, change: str) -> VlanTags:
    """The option for VLAN tags of a network or a port group."""
    return VlanTags(name, "vlan/tag", change, member=Integer("id", "@id"))
