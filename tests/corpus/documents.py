# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documents of the corpus, and those of them that libvirtd accepts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

from lxml import etree

from .kinds import Kind, parse


@dataclass(frozen=True)
class Document:
    """A document of the corpus without its identity; C(file) is relative to libvirt's C(tests/)."""

    file: str
    name: str
    element: Any

    @property
    def text(self) -> str:
        return to_text(self.element)


def to_text(element: Any) -> str:
    """The document as text."""
    return str(etree.tostring(element, encoding="unicode"))


def documents(kind: Kind, source: Path) -> Iterator[Document]:
    """Every document of the kind, in a fixed order."""
    for directory in kind.directories:
        for path in sorted((source / "tests" / directory).glob("*.xml")):
            try:
                element = parse(path.read_bytes())
            except etree.XMLSyntaxError:
                continue  # the corpus has broken ones on purpose
            name = (element.findtext("name") or "").strip()
            if element.tag == kind.root and name:
                _strip(kind, element)
                yield Document(f"{directory}/{path.name}", name, element)


def _strip(kind: Kind, element: Any) -> None:
    for path in kind.identity:
        for found in element.findall(path):
            found.getparent().remove(found)
