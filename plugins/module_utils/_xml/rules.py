# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What libvirt makes of a document when it stores it, as a table of rules: C(apply) brings a document into that form.

A rule says where (an XPath from the root element) and what. Rules are applied in their order, so that a later one can
rely on what an earlier one filled in. Two documents mean the same exactly when they are equal in that form.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Callable, Iterable

from .._deps import etree
from .._errors import HypervisorError
from . import document
from .document import Element
from .units import parse_size


@lru_cache(maxsize=None)
def _compiled(path: str) -> Any:
    return etree.XPath(path)


def find(element: Element, path: str) -> Any:
    """What the XPath finds: a list of elements or attributes, or the value of its expression."""
    return _compiled(path)(element)


@dataclass(frozen=True)
class Rule:
    """Something that libvirt does to the nodes at C(where) when it stores a document."""

    where: str

    def apply(self, root: Element) -> None:
        for found in find(root, self.where):
            self.change(found)

    def change(self, found: Any) -> None:
        """What the rule does to an element that it finds: each kind of rule says it, and there is none without."""
        raise NotImplementedError

    def made(self, _root: Element) -> set[str] | frozenset[str]:
        """The names of elements that the rule may have added."""
        return frozenset()


@dataclass(frozen=True)
class Default(Rule):
    """The element gets what it does not have: the attribute, text or element at C(path), with a constant value."""

    path: str
    value: str

    def change(self, found: Any) -> None:
        if not (document.get(found, self.path) or "").strip():
            document.put(found, self.path, self.value)

    def made(self, _root: Element) -> frozenset[str]:
        return _names(self.path)


@dataclass(frozen=True)
class Derived(Rule):
    """As Default, with the value of an XPath expression from the element; an empty one is none."""

    path: str
    source: str

    def change(self, found: Any) -> None:
        value = find(found, self.source)
        text = str(value) if isinstance(value, str) else f"{value:.0f}"
        if text and not (document.get(found, self.path) or "").strip():
            document.put(found, self.path, text)

    def made(self, _root: Element) -> frozenset[str]:
        return _names(self.path)


class Dropped(Rule):
    """libvirt stores nothing of these elements or attributes: they are about what runs, or mean nothing there."""

    def change(self, found: Any) -> None:
        parent = found.getparent()
        if not getattr(found, "is_attribute", False):
            parent.remove(found)
        elif found.attrname in parent.attrib:
            del parent.attrib[found.attrname]


@dataclass(frozen=True)
class Rewritten(Rule):
    """Texts or attributes that libvirt writes in a form of its own."""

    form: Callable[[str], str]

    def change(self, found: Any) -> None:
        if getattr(found, "is_attribute", False):
            found.getparent().set(found.attrname, self.form(str(found)))
        else:
            found.text = self.form(found.text or "") or None


@dataclass(frozen=True)
class Sized(Rule):
    """Texts that are sizes with the attribute C(unit), which libvirt stores in the unit given here, rounded up."""

    unit: str = "KiB"
    given: str = ""
    """The unit of a number without one, where it is another than the unit stored."""
    down: bool = False
    """Whether it is rounded down instead."""
    at: str = ""
    """The attribute with the number, where it is not the text."""

    def change(self, found: Any) -> None:
        path, scale = f"@{self.at}" if self.at else ".", parse_size(1, self.unit)
        size = parse_size(
            (document.get(found, path) or "").strip() or "0", found.get("unit") or self.given or self.unit
        )
        document.put(found, path, str((size if self.down else size + scale - 1) // scale))
        found.set("unit", self.unit)


@dataclass(frozen=True)
class Ordered(Rule):
    """Elements whose children of one name mean the same in any order: libvirt sorts them, or so do we, by C(key)."""

    tag: str
    key: Callable[[Element], Any]

    def change(self, found: Any) -> None:
        children = found.findall(self.tag)
        for child in children:
            found.remove(child)
        found.extend(sorted(children, key=self.key))


@dataclass(frozen=True)
class Unique(Rule):
    """Elements of which libvirt reads one of each C(key) among their children: the first, or the last."""

    tag: str
    key: Callable[[Element], Any]
    last: bool = False

    def change(self, found: Any) -> None:
        seen = set()
        for child in found.findall(self.tag)[:: -1 if self.last else 1]:
            if self.key(child) in seen:
                found.remove(child)
            seen.add(self.key(child))


@dataclass(frozen=True)
class Done(Rule):
    """What no other rule can say, by a function of the element."""

    work: Callable[[Element], None]

    def change(self, found: Any) -> None:
        self.work(found)

    def made(self, root: Element) -> set[str]:
        return _all_names(root)


@lru_cache(maxsize=None)
def _names(path: str) -> frozenset[str]:
    """The elements without which an XPath finds nothing: the steps outside of its conditions."""
    depth, plain = 0, ""
    for letter in path:
        depth += (letter == "[") - (letter == "]")
        plain += letter if depth == 0 and letter != "]" else ""
    return frozenset(step for step in plain.split("/") if re.fullmatch(r"\w+", step))


def apply(rules: Iterable[Rule], element: Element) -> Element:
    """A copy of the document as libvirt would store it."""
    clone = document.copy(element)
    for each in clone.iter():
        text = (each.text or "").strip()
        if len(each) or not text or text.isdigit():
            each.text = text or None
        each.tail = None
    names = _all_names(clone)
    for rule in rules:
        # Most rules are about elements that a document does not have.
        if _names(rule.where) <= names:
            # What is no number or size stays as it is: libvirt refuses it, and says so better.
            with suppress(ValueError, HypervisorError):
                rule.apply(clone)
            names |= rule.made(clone)
    return clone


def _all_names(root: Element) -> set[str]:
    return {str(each.tag) for each in root.iter()}
