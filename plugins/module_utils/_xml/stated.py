# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What a document states against what is: the difference of two trees in normal form."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Mapping

from . import document
from .difference import Change
from .document import Element


def canonical(element: Element) -> str:
    """The element as text that is equal for equal elements, those of different names in any order."""
    children = [canonical(each) for each in sorted(element, key=_tag)]
    return f"{element.tag} {sorted(element.attrib.items())} {element.text} {children}"


def _tag(element: Element) -> str:
    return str(element.tag)


def unmet(stated: Element, actual: Element, applied: str, path: str = "xml") -> list[Change]:
    """What C(stated) says and C(actual) does not have, both in normal form; what it does not mention is left alone."""
    changes = [
        Change(f"{path}/@{name}", actual.get(name), value, applied)
        for name, value in stated.attrib.items()
        if actual.get(name) != value
    ]
    if stated.text != actual.text and stated.text is not None:
        changes.append(Change(path, actual.text, stated.text, applied))
    present = _by_tag(actual)
    for tag, wanted in _by_tag(stated).items():
        changes += _unmet_children(wanted, present[tag], applied, f"{path}/{tag}")
    return changes


def _unmet_children(wanted: list[Element], present: list[Element], applied: str, path: str) -> list[Change]:
    if len(wanted) == len(present) == 1:
        return unmet(wanted[0], present[0], applied, path)
    changes, free = [], list(present)
    for each in wanted:
        match = next((other for other in free if not unmet(each, other, applied, path)), None)
        if match is None:
            changes.append(Change(path, None, document.to_text(each).strip(), applied))
        else:
            free.remove(match)
    return changes


def _by_tag(element: Element) -> dict[str, list[Element]]:
    found: dict[str, list[Element]] = defaultdict(list)
    for child in element:
        found[child.tag].append(child)
    return found


def difference(
    stated: Element, actual: Element, applied: str, labels: Mapping[str, str], path: str = "xml"
) -> list[Change]:
    """In what two trees in normal form differ: empty exactly where they are equal.

    The order of elements counts among those of one name. C(labels) tell by what elements are called and paired.
    """
    names = sorted({*stated.attrib, *actual.attrib})
    changes = [
        Change(f"{path}/@{name}", actual.get(name), stated.get(name), applied)
        for name in names
        if actual.get(name) != stated.get(name)
    ]
    if stated.text != actual.text:
        changes.append(Change(path, actual.text, stated.text, applied))
    wanted, present = _by_tag(stated), _by_tag(actual)
    for tag in dict.fromkeys([*present, *wanted]):
        changes += _differing(wanted[tag], present[tag], applied, labels, f"{path}/{tag}")
    return changes


def _differing(
    wanted: list[Element], present: list[Element], applied: str, labels: Mapping[str, str], path: str
) -> list[Change]:
    if [canonical(each) for each in wanted] == [canonical(each) for each in present]:
        return []
    if len(wanted) == len(present) == 1:
        return difference(wanted[0], present[0], applied, labels, path)
    changes: list[Change] = []
    pairs = _paired(wanted, present, labels.get((wanted or present)[0].tag))
    for name, stated, actual in pairs:
        if stated is not None and actual is not None:
            changes += difference(stated, actual, applied, labels, f"{path}{name}")
        else:
            changes.append(Change(f"{path}{name}", _shown(actual), _shown(stated), applied))
    # The same elements in another order.
    return changes or [Change(path, _all_shown(present), _all_shown(wanted), applied)]


def _paired(
    wanted: list[Element], present: list[Element], label: str | None
) -> list[tuple[str, Element | None, Element | None]]:
    """Which element became which, and its name: by its label, or by being equal, or by what is left in equal number."""
    names = {id(each): _name(each, label, group) for group in (wanted, present) for each in group}
    pairs: list[tuple[str, Element | None, Element | None]] = []
    left, free = list(wanted), list(present)

    def called(element: Element) -> str:
        return names[id(element)] if label else ""

    for alike in (called, canonical):
        for each in list(left):
            match = next((other for other in free if alike(each) and alike(each) == alike(other)), None)
            if match is not None:
                pairs.append((names[id(each)], each, match))
                left.remove(each)
                free.remove(match)
    if len(left) == len(free):
        return pairs + [(names[id(each)], each, other) for each, other in zip(left, free)]
    return [
        *pairs,
        *((names[id(other)], None, other) for other in free),
        *((names[id(each)], each, None) for each in left),
    ]


def _name(element: Element, label: str | None, group: list[Element]) -> str:
    """The part of a path that tells an element from the others of its name."""
    value = document.get(element, label) if label else None
    if value is not None and Counter(document.get(each, label or "") for each in group)[value] == 1:
        return f"[{value}]"
    return "" if len(group) == 1 else f"[{group.index(element) + 1}]"


def _all_shown(elements: list[Element]) -> str:
    return "".join(map(document.to_text, elements)).strip()


def _shown(element: Element | None) -> str | None:
    return None if element is None else document.to_text(element).strip()
