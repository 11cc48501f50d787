# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Further kinds of declared properties: limits, rates, sets of processors, secrets, words for other programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import document, units
from .cpuset import format_cpuset, parse_cpuset
from .document import Element
from .properties import Integer, Property, Size, Text


class Limit(Integer):
    """A whole number where 0 means that there is none."""

    def same(self, present: Any, wanted: Any) -> bool:
        silent = self.missing or 0
        return bool((present or silent) == (wanted or silent))

    def write(self, element: Element, value: Any) -> None:
        if value:
            super().write(element, value)
        else:
            document.remove(element, self.path)


class Rate(Limit):
    """A limit in bytes, which may be written as a size."""

    type = "str"

    def normal(self, value: Any) -> Any:
        return units.parse_size(value)


class SizeAttribute(Size):
    """A size in an attribute of its own, its unit in the attribute C(unit) beside it."""

    def read(self, element: Element) -> Any:
        text = document.get(element, self.path)
        if text is None:
            return None
        return units.parse_size(text, document.ensure(element, self.path).get("unit") or self.unit)

    def write(self, element: Element, value: Any) -> None:
        scale = units.parse_size(1, self.unit)
        document.put(element, self.path, str(-(-value // scale)))
        document.ensure(element, self.path).set("unit", self.unit)


class NumberSet(Text):
    """A set of processors or NUMA nodes, such as C(0-3,^2,8); an empty one is none."""

    def normal(self, value: Any) -> Any:
        return format_cpuset(parse_cpuset(value)) if value else ""

    def from_text(self, text: str) -> Any:
        return self.normal(text)


class DeviceModel(Text):
    """The model of a device that there is at most once. C(none) takes the device away."""

    NONE = "none"

    def same(self, present: Any, wanted: Any) -> bool:
        return bool((present or self.NONE) == wanted)

    def write(self, element: Element, value: Any) -> None:
        if value == self.NONE:
            document.remove(element, self.path.rpartition("/")[0])
        else:
            super().write(element, value)


class Concealed(str):
    """A secret that is compared by its content, and shown without it."""

    SHOWN = "********"
    secret: str

    def __new__(cls, secret: str) -> Concealed:
        shown = super().__new__(cls, cls.SHOWN)
        shown.secret = secret
        return shown

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Concealed) and self.secret == other.secret

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__

    def __deepcopy__(self, _memo: Any) -> Concealed:
        return self


class Password(Property):
    """A text that no result shows."""

    def normal(self, value: Any) -> Any:
        return Concealed(str(value))

    def from_text(self, text: str) -> Any:
        return Concealed(text)

    def same(self, present: Any, wanted: Any) -> bool:
        return bool((present or Concealed("")) == wanted)

    def write(self, element: Element, value: Any) -> None:
        if value.secret:
            document.put(element, self.path, value.secret)
        else:
            document.remove(element, self.path)


@dataclass(frozen=True)
class HandedOn(Property):
    """Words that libvirt hands to a program as they are, each in C(value) of an element C(word).

    C(path) is the element around them, in which what else libvirt keeps there stays. Both are names in a namespace of
    that program, which has slashes: the functions of paths would take them for steps.
    """

    word: str = ""
    prefix: str = ""

    type = "list"

    def argument(self) -> dict[str, Any]:
        return {"type": "list", "elements": "str", **self.spec}

    def same(self, present: Any, wanted: Any) -> bool:
        return bool((present or []) == wanted)

    def read(self, element: Element) -> Any:
        around = element.iterchildren(self.path)
        return [str(word.get("value")) for each in around for word in each.iterchildren(self.word)] or None

    def write(self, element: Element, value: Any) -> None:
        self.erase(element)
        if value:
            around = next(element.iterchildren(self.path), None)
            if around is None:
                namespace = self.path[1:].partition("}")[0]
                around = element.makeelement(self.path, nsmap={self.prefix: namespace})
                element.append(around)
            around.extend([around.makeelement(self.word, {"value": word}) for word in value])

    def erase(self, element: Element) -> None:
        for around in list(element.iterchildren(self.path)):
            for word in list(around.iterchildren(self.word)):
                around.remove(word)
            if not len(around):
                element.remove(around)
