# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Declared properties: an option, its place in the XML and the effect of changing it, on one line.

The argument spec, the reading, the writing and the comparison of an object all derive from a
sequence of these. C(None) always means "leave alone".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Mapping, Sequence, Tuple

from .._errors import HypervisorError
from . import document, units
from .document import Element

LIVE = "live"
NEXT_BOOT = "next_boot"
RECREATE = "recreate"
ABSENT = "absent"


@dataclass(frozen=True)
class Property:
    """A text or attribute of the document. Subclasses convert between option, XML and normal value.

    C(name) is the option, C(path) its place, such as C(os/type/@machine). C(change) tells how a
    changed value takes effect: C(live), C(next_boot) or C(recreate). C(spec) adds to the argument
    spec (choices, required, no_log). C(volatile) values differ by themselves between a running object
    and its definition, so that a difference tells nothing; C(generated) ones are filled in while it runs where the
    definition leaves them open. C(missing) is what a document without a value means.
    """

    name: str
    path: str
    change: str = NEXT_BOOT
    spec: Mapping[str, Any] = field(default_factory=dict)
    volatile: bool = False
    missing: Any = None
    generated: bool = False

    type = "str"

    def argument(self) -> dict[str, Any]:
        """The option's entry in the argument spec."""
        return {"type": self.type, **self.spec}

    def normal(self, value: Any) -> Any:
        """The one form in which two values of this option are compared."""
        return value

    def same(self, present: Any, wanted: Any) -> bool:
        """Whether two normal values mean the same."""
        return bool((self.missing if present is None else present) == wanted)

    def read(self, element: Element) -> Any:
        """The normal value in the document, None where it is missing."""
        text = document.get(element, self.path)
        return None if text is None else self.from_text(text)

    def write(self, element: Element, value: Any) -> None:
        """Put a normal value into the document."""
        document.put(element, self.path, self.to_text(value))

    def erase(self, element: Element) -> None:
        """Let the document say nothing about it."""
        document.remove(element, self.path)

    def from_text(self, text: str) -> Any:
        return text

    def to_text(self, value: Any) -> str:
        return str(value)


class Text(Property):
    """A string; an empty one is none."""

    def same(self, present: Any, wanted: Any) -> bool:
        return (present or self.missing or "") == (wanted or self.missing or "")

    def write(self, element: Element, value: Any) -> None:
        if value == "":
            document.remove(element, self.path)
        else:
            super().write(element, value)


class Name(Text):
    """A string that libvirt compares without regard to case, such as a MAC address."""

    def normal(self, value: Any) -> Any:
        return str(value).lower()

    def from_text(self, text: str) -> Any:
        return text.lower()


class Integer(Property):
    """A whole number. Where the document has a word instead, which some elements allow, it has no number."""

    type = "int"

    def from_text(self, text: str) -> Any:
        try:
            return int(text)
        except ValueError:
            return None


class YesNo(Property):
    """A boolean written C(yes) or C(no)."""

    type = "bool"
    words = ("yes", "no")

    def from_text(self, text: str) -> Any:
        return text == self.words[0]

    def to_text(self, value: Any) -> str:
        return self.words[0] if value else self.words[1]


class OnOff(YesNo):
    """A boolean written C(on) or C(off)."""

    words = ("on", "off")


class Presence(Property):
    """A boolean told by an element being there, such as C(<readonly/>)."""

    type = "bool"

    def same(self, present: Any, wanted: Any) -> bool:
        return bool(present) == bool(wanted)

    def read(self, element: Element) -> Any:
        return document.find(element, self.path) is not None

    def write(self, element: Element, value: Any) -> None:
        if value:
            document.ensure(element, self.path)
        else:
            document.remove(element, self.path)


@dataclass(frozen=True)
class Size(Property):
    """A size with a unit attribute. C(unit) is libvirt's default there; the normal value is bytes."""

    unit: str = "KiB"
    grain: int = 1
    """libvirt stores multiples of this many bytes and rounds up."""

    def normal(self, value: Any) -> Any:
        size = units.parse_size(value, self.unit)
        return -(-size // self.grain) * self.grain

    def read(self, element: Element) -> Any:
        found = document.find(element, self.path)
        return None if found is None else units.parse_size(found.text or "0", found.get("unit") or self.unit)

    def write(self, element: Element, value: Any) -> None:
        found = document.ensure(element, self.path)
        scale = units.parse_size(1, self.unit)
        found.text = str(value // scale) if value % scale == 0 else str(value)
        found.set("unit", self.unit if value % scale == 0 else "bytes")

    def erase(self, element: Element) -> None:
        found = document.find(element, self.path)
        if found is not None:
            found.text = None
            found.attrib.pop("unit", None)
            document.prune(element, found)


@dataclass(frozen=True)
class Group:
    """A dictionary option whose members lie under C(path), such as C(cpu: {mode: ..., model: ...})."""

    name: str
    properties: Sequence[Any]
    path: str = "."
    spec: Mapping[str, Any] = field(default_factory=dict)

    def argument(self) -> dict[str, Any]:
        return {"type": "dict", "options": argument_spec(self.properties), **self.spec}

    def normal(self, value: Any) -> Any:
        return normal(self.properties, value)

    def read(self, element: Element) -> Any:
        found = document.find(element, self.path)
        return None if found is None else read(self.properties, found)

    def write(self, element: Element, value: Any) -> None:
        found = document.ensure(element, self.path)
        write(self.properties, found, value)
        document.prune(element, found)

    def erase(self, element: Element) -> None:
        """As C(Property.erase), for every member."""
        found = document.find(element, self.path)
        if found is not None:
            erase(self.properties, found)
            document.prune(element, found)


@dataclass(frozen=True)
class Items:
    """A list option of like elements, each known by the members named in C(key).

    Elements that the option does not list are left alone; C(defaults) are the members that a new
    element gets where the option is silent. One that is C(removable) has a member C(state): where that
    is C(absent), the element is taken away. C(change) tells how a new or removed one takes effect.
    """

    name: str
    path: str
    key: tuple[str, ...]
    properties: Sequence[Any]
    change: str = NEXT_BOOT
    spec: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    removable: bool = False
    volatile: bool = False

    def argument(self) -> dict[str, Any]:
        options = argument_spec(self.properties)
        if self.removable:
            options["state"] = {"type": "str", "choices": ["present", ABSENT], "default": "present"}
        return {"type": "list", "elements": "dict", "options": options, **self.spec}

    def normal(self, value: Any) -> Any:
        items = [self._normal(item) for item in value]
        seen: set[tuple[Any, ...]] = set()
        for item in items:
            key = self.key_of(item)
            if key in seen:
                raise HypervisorError(
                    f"{self.name} lists {self.describe(key)} twice: list each once.", "DUPLICATE_ITEM"
                )
            seen.add(key)
        return items

    def _normal(self, item: Mapping[str, Any]) -> dict[str, Any]:
        values = normal(self.properties, item)
        return self.absent(values) if item.get("state") == ABSENT else values

    def absent(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """What asks for an element to be taken away."""
        return {**{name: item.get(name) for name in self.key}, "state": ABSENT}

    def key_of(self, item: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(item.get(name) for name in self.key)

    def describe(self, key: tuple[Any, ...]) -> str:
        return ",".join(str(part) for part in key)

    def elements(self, element: Element) -> list[Element]:
        return list(document.children(element, self.path))

    def read(self, element: Element) -> Any:
        return [read(self.properties, found) for found in self.elements(element)]

    def find(self, element: Element, key: tuple[Any, ...]) -> Element | None:
        """The element of that key."""
        keys = [item for item in self.properties if item.name in self.key]
        return next((each for each in self.elements(element) if self.key_of(read(keys, each)) == key), None)

    def write(self, element: Element, value: Any) -> None:
        for item in value:
            found = self.find(element, self.key_of(item))
            if item.get("state") == ABSENT:
                if found is not None:
                    found.getparent().remove(found)
                continue
            if found is None:
                parent, _slash, tag = self.path.rpartition("/")
                found = self.add(document.ensure(element, parent), tag)
                item = {**self.defaults, **{name: member for name, member in item.items() if member is not None}}
            write(self.properties, found, item)

    def erase(self, element: Element) -> None:
        """As C(Property.erase), for every member of every element."""
        for found in self.elements(element):
            erase(self.properties, found)
            document.prune(element, found)

    @staticmethod
    def add(parent: Element, tag: str) -> Element:
        """A new, empty element at the end of its parent."""
        child = parent.makeelement(tag)
        parent.append(child)
        return child


def argument_spec(properties: Sequence[Any]) -> dict[str, Any]:
    """The argument spec that the properties declare."""
    return {item.name: item.argument() for item in properties}


def normal(properties: Sequence[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given, in normal form."""
    known = {item.name: item for item in properties}
    return {name: known[name].normal(value) for name, value in values.items() if name in known and value is not None}


_SILENT: Mapping[Any, Any] = {
    Property.read: None,
    Size.read: None,
    Presence.read: False,
    Group.read: None,
    Items.read: (),
}
"""What these return where the document has nothing at their path. Others may look elsewhere as well."""


Reading = Tuple[str, str, Callable[[Any], Any], Any, bool]
"""A property's name, the start of its path, its reader, what silence means, and whether it reads the outline's text."""

_READINGS: dict[int, tuple[Any, list[Reading]]] = {}
"""By the identity of declared properties, which it keeps alive."""


def _readings(properties: Sequence[Any]) -> list[Reading]:
    known = _READINGS.get(id(properties))
    if known is None:
        known = _READINGS[id(properties)] = (properties, [_reading(item) for item in properties])
    return known[1]


def _reading(item: Any) -> Reading:
    how = type(item).read
    # A path that cannot be told by its start leads somewhere always.
    start = document.start(item.path) if how in _SILENT else ""
    plain = how is Property.read and document.ends(item.path)
    return item.name, start, item.from_text if plain else item.read, _SILENT.get(how), plain


def read(properties: Sequence[Any], element: Element) -> dict[str, Any]:
    """Every property as the document has it, None where it is missing."""
    outline = document.outline(element)
    values: dict[str, Any] = {}
    for name, start, reader, silent, plain in _readings(properties):
        if start not in outline:
            values[name] = [] if silent == () else silent
        elif plain:
            text = outline[start]
            values[name] = None if text is None else reader(text)
        else:
            values[name] = reader(element)
    return values


def write(properties: Sequence[Any], element: Element, values: Mapping[str, Any]) -> None:
    """Put the normal values that are not None into the document; what means the same already stays as it is."""
    for item in properties:
        value = values.get(item.name)
        if value is None or (isinstance(item, Property) and item.same(item.read(element), value)):
            continue
        item.write(element, value)


def erase(properties: Sequence[Any], element: Element) -> None:
    """Leave in the document what none of the properties declares."""
    for item in properties:
        item.erase(element)
