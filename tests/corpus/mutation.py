# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random changes of one leaf or element of a document, of the kind that people make."""

from __future__ import annotations

import copy
import random
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Callable, Iterable, Iterator, Sequence

from .documents import Document

UNITS = ("b", "bytes", "KB", "KiB", "k", "MB", "MiB", "M", "GB", "GiB", "G")


@dataclass(frozen=True)
class Mutation:
    """A changed document, and the change in words."""

    document: Document
    what: str
    element: Any


def path_of(element: Any, attribute: str = "") -> str:
    """The tags from below the root to the element, and the attribute."""
    tags = [element.tag, *(each.tag for each in element.iterancestors())]
    return "/".join(reversed(tags[:-1])) + (f"/@{attribute}" if attribute else "")


def leaves(element: Any) -> Iterator[tuple[Any, str]]:
    """Every attribute, and every text that is not just blanks."""
    for each in element.iter():
        yield from ((each, name) for name in each.attrib)
        if (each.text or "").strip():
            yield each, ""


def value_of(element: Any, attribute: str) -> str:
    return str(element.get(attribute) if attribute else element.text)


def put(element: Any, attribute: str, value: str) -> None:
    if attribute:
        element.set(attribute, value)
    else:
        element.text = value


class Mutator:
    """Makes mutations of documents, each from its random numbers alone."""

    def __init__(self, documents: Iterable[Document], dice: random.Random, hidden: Sequence[str] = ()) -> None:
        self.dice = dice
        self.hidden = hidden
        words: dict[str, set[str]] = defaultdict(set)
        for document in documents:
            for element, attribute in leaves(document.element):
                words[path_of(element, attribute)].add(value_of(element, attribute))
        self.words = {path: sorted(values) for path, values in words.items()}
        self.ways: list[Callable[[Any], str | None]] = [
            self.remove_leaf,
            self.remove_element,
            self.change_number,
            self.swap_value,
            self.change_unit,
            self.duplicate,
        ]

    def mutate(self, document: Document) -> Mutation:
        """One mutation of the document. Its name, by which it is known, stays."""
        while True:
            element = copy.deepcopy(document.element)
            what = self.dice.choice(self.ways)(element)
            if what is None or any(each in what for each in self.hidden):
                continue
            if element.findtext("name") == document.element.findtext("name"):
                return Mutation(document, what, element)

    def _leaf(self, root: Any, wanted: Callable[[Any, str], bool]) -> Any:
        found = [leaf for leaf in leaves(root) if wanted(*leaf)]
        return self.dice.choice(found) if found else (None, "")

    def remove_leaf(self, root: Any) -> str | None:
        element, attribute = self._leaf(root, lambda element, attribute: True)
        value = value_of(element, attribute)
        if attribute:
            del element.attrib[attribute]
        else:
            element.text = None
        return f"remove {path_of(element, attribute)} {value!r}"

    def remove_element(self, root: Any) -> str | None:
        element = self.dice.choice(list(root.iterdescendants()))
        path = path_of(element)
        element.getparent().remove(element)
        return f"remove {path} {dict(element.attrib)}"

    def change_number(self, root: Any) -> str | None:
        def number(element: Any, attribute: str) -> bool:
            return re.fullmatch(r"\s*(0x[0-9a-fA-F]+|\d{1,18})\s*", value_of(element, attribute)) is not None

        element, attribute = self._leaf(root, number)
        if element is None:
            return None
        old = value_of(element, attribute).strip()
        value = int(old, 0 if old.startswith("0x") else 10)
        new = self.dice.choice(
            [new for new in (value + 1, value - 1, value * 2, 0, value + 1024) if new >= 0 and new != value]
        )
        put(element, attribute, hex(new) if old.startswith("0x") else str(new))
        return f"change {path_of(element, attribute)} {old} -> {value_of(element, attribute)}"

    def swap_value(self, root: Any) -> str | None:
        def swappable(element: Any, attribute: str) -> bool:
            return len(self.words.get(path_of(element, attribute), [])) > 1

        element, attribute = self._leaf(root, swappable)
        if element is None:
            return None
        old = value_of(element, attribute)
        put(
            element,
            attribute,
            self.dice.choice([word for word in self.words[path_of(element, attribute)] if word != old]),
        )
        return f"swap {path_of(element, attribute)} {old!r} -> {value_of(element, attribute)!r}"

    def change_unit(self, root: Any) -> str | None:
        element, attribute = self._leaf(root, lambda element, attribute: attribute == "unit")
        if element is None:
            return None
        old = element.get("unit")
        element.set("unit", self.dice.choice([unit for unit in UNITS if unit != old]))
        return f"change {path_of(element, attribute)} {old} -> {element.get('unit')}"

    def duplicate(self, root: Any) -> str | None:
        element = self.dice.choice(list(root.iterdescendants()))
        element.addnext(copy.deepcopy(element))
        return f"duplicate {path_of(element)} {dict(element.attrib)}"
