# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""XML documents: parsed safely, located by simple paths, written readably."""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from typing import Any, Iterator

from .._deps import LIBXML2, etree
from .._errors import HypervisorError

Element = Any
"""An lxml element. lxml is optional at import time, so its type is not named here."""

MAX_BYTES = 10 * 1024 * 1024


def parse(text: str, root: str | None = None) -> Element:
    """The root element of C(text); entities, DTDs and oversized documents are refused.

    Comments, processing instructions and the whitespace between elements are dropped.
    C(root) is the name that the root element has to have.
    """
    data = text.encode()
    if len(data) > MAX_BYTES:
        raise HypervisorError(
            f"The XML document has {len(data)} bytes; at most {MAX_BYTES} are accepted.", "INVALID_XML"
        )
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_blank_text=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        with LIBXML2:
            element = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise HypervisorError(f"The XML document is not well-formed: {error}.", "INVALID_XML") from error
    if element.getroottree().docinfo.doctype:
        raise HypervisorError("The XML document has a DOCTYPE, which is refused: remove it.", "INVALID_XML")
    if root is not None and element.tag != root:
        raise HypervisorError(f"The XML document starts with <{element.tag}>; it has to be <{root}>.", "INVALID_XML")
    return element


def to_text(element: Element) -> str:
    """The document as indented text, the form of every diff."""
    clone = deepcopy(element)
    etree.indent(clone, "  ")
    return str(etree.tostring(clone, encoding="unicode")).rstrip() + "\n"


def copy(element: Element) -> Element:
    """A copy to edit."""
    return deepcopy(element)


@lru_cache(maxsize=None)
def _steps(path: str) -> tuple[tuple[str, ...], str, str | None]:
    """C(a/b/@c) as the element steps, these as a path, and the attribute (None: the element's text)."""
    steps = [step for step in path.split("/") if step and step != "."]
    attribute = steps.pop()[1:] if steps and steps[-1].startswith("@") else None
    return tuple(steps), "/".join(steps), attribute


@lru_cache(maxsize=None)
def start(path: str) -> str:
    """The first two steps of C(path), its attribute included; empty where it has none, or none of a plain name."""
    elements, _path, attribute = _steps(path)
    steps = [step.partition("[")[0] for step in elements[:2]]
    if attribute is not None and len(steps) < 2:
        steps.append(f"@{attribute}")
    return "" if any("*" in step or "{" in step for step in steps) else "/".join(steps)


@lru_cache(maxsize=None)
def ends(path: str) -> bool:
    """Whether C(path) ends where its C(start) does, so that C(outline) has its value."""
    elements, _path, attribute = _steps(path)
    return bool(start(path)) and len(elements) + (attribute is not None) <= 2 and "[" not in path


def outline(element: Element) -> dict[str, str | None]:
    """What C(get) finds at the paths of one and two steps, each of which is the C(start) of all that lead further.

    Far cheaper than to look for every path, most of which lead nowhere. C(None) is where only a path with a
    condition leads, to another than the first element of a name.
    """
    found: dict[str, str | None] = {"": None}
    found.update((f"@{name}", value) for name, value in element.items())
    for child in element:
        tag = child.tag
        first = tag not in found
        if first:
            found[tag] = child.text or ""
        for name, value in child.items():
            found.setdefault(f"{tag}/@{name}", value if first else None)
        for each in child:
            path = f"{tag}/{each.tag}"
            if path not in found:
                found[path] = each.text or ""
    return found


def find(element: Element, path: str) -> Element | None:
    """The first element at C(path) (its attribute step, if any, is ignored)."""
    steps, joined, _attribute = _steps(path)
    if not steps:
        return element
    # Twice as fast as find(), for the most frequent kind of path.
    return next(element.iterchildren(joined), None) if len(steps) == 1 and joined.isalnum() else element.find(joined)


def ensure(element: Element, path: str) -> Element:
    """The first element at C(path), made where it is missing."""
    steps, _path, _attribute = _steps(path)
    for step in steps:
        child = element.find(step)
        # "name[@key='value']" steps are made with that attribute.
        element = child if child is not None else _make(element, step)
    return element


def _make(parent: Element, step: str) -> Element:
    tag, _bracket, condition = step.partition("[")
    child = etree.SubElement(parent, tag)
    if condition:
        key, _equals, value = condition.rstrip("]").lstrip("@").partition("=")
        child.set(key, value.strip("'\""))
    return child


def get(element: Element, path: str) -> str | None:
    """The text or attribute at C(path), or None where it is missing."""
    attribute = _steps(path)[2]
    found = find(element, path)
    if found is None:
        return None
    if attribute is not None:
        value = found.get(attribute)
        return None if value is None else str(value)
    return found.text or ""


def put(element: Element, path: str, value: str) -> None:
    """Set the text or attribute at C(path), making the elements on the way."""
    attribute = _steps(path)[2]
    found = ensure(element, path)
    if attribute is None:
        found.text = value
    else:
        found.set(attribute, value)


def remove(element: Element, path: str) -> None:
    """Remove the attribute or every element at C(path), and parents that are left empty."""
    _each, steps, attribute = _steps(path)
    if attribute is not None:
        found = find(element, path)
        if found is not None and attribute in found.attrib:
            del found.attrib[attribute]
            prune(element, found)
        return
    for found in element.findall(steps):
        parent = found.getparent()
        parent.remove(found)
        prune(element, parent)


def prune(root: Element, element: Element) -> None:
    """Remove an element below C(root) that says nothing, and parents that are left empty."""
    while element is not root and not len(element) and not element.attrib and not (element.text or "").strip():
        parent = element.getparent()
        if parent is None:
            return
        parent.remove(element)
        element = parent


def children(element: Element, path: str) -> Iterator[Element]:
    """Every element at C(path), in document order."""
    yield from element.findall(path)
