# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What a document states against what is: the difference of two trees in normal form."""

from __future__ import annotations

from collections import defaultdict

from . import document
from .difference import Change
from .document import Element


def canonical(element: Element) -> str:
    """The element as text that is equal for equal elements."""
    attributes = sorted(element.attrib.items())
    return f"{element.tag} {attributes} {element.text} {[canonical(each) for each in element]}"


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
