# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A kind of object: where its documents are, how libvirt itself defines one, and how our module does.

A module of this package that has a C(KIND) is a kind; nothing else has to be told of it.
"""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod
from functools import lru_cache
from pathlib import Path
from typing import Any, Sequence

from lxml import etree

SCHEMAS = Path("/usr/share/libvirt/schemas")


class Kind(ABC):
    """Domains, networks and the like. C(connection) is always one to libvirtd that may write."""

    name: str
    root: str
    """The name of the documents' root element."""
    directories: Sequence[str]
    """Where the documents are, below C(tests/) of libvirt's source."""
    identity: Sequence[str]
    """Paths of the elements that are stripped from the documents, which name the one object and no other."""
    hidden: Sequence[str] = ()
    """Parts of paths that are not mutated: what libvirt shows to no check mode, which may run over a read-only URI."""
    mutable = True
    """Whether libvirt can redefine an object, and so be asked what a changed document would change."""

    def skipped(self, element: Any) -> str:
        """Why a document cannot be given to libvirtd at all; empty where it can."""
        return ""

    @abstractmethod
    def define(self, connection: Any, text: str) -> None:
        """Define the object by libvirt alone, as strictly as the module does."""

    @abstractmethod
    def read(self, connection: Any, name: str) -> str:
        """The document that libvirt stores, secrets included."""

    @abstractmethod
    def undefine(self, connection: Any, name: str) -> None:
        """Remove the object where it is there."""

    @abstractmethod
    def converge(self, connection: Any, name: str, text: str, check_mode: bool) -> dict[str, Any]:
        """The result of our module for the document, all other options being as by default."""

    @abstractmethod
    def carried(self, element: Any, stored: Any) -> Any:
        """The document that our module would define in the place of the stored one, whether or not it differs."""

    def same(self, before: str, after: str) -> bool:
        """Whether libvirt stores the same; a kind may forgive what libvirt stores in no particular order."""
        return before == after


class InvalidError(Exception):
    """The document is not what libvirt's schema allows."""


@lru_cache(maxsize=None)
def _schema(name: str) -> Any:
    return etree.RelaxNG(etree.parse(str(SCHEMAS / name)))


def validate(schema: str, text: str) -> None:
    """What libvirtd does with the flag VALIDATE; it would read the schema anew for each document, in 40 ms."""
    if not _schema(schema).validate(etree.fromstring(text.encode())):
        raise InvalidError(_schema(schema).error_log.last_error)


def parse(text: str | bytes) -> Any:
    """The root element, without comments and blanks."""
    parser = etree.XMLParser(remove_blank_text=True, remove_comments=True, remove_pis=True, resolve_entities=False)
    return etree.fromstring(text.encode() if isinstance(text, str) else text, parser)


def all_kinds() -> dict[str, Kind]:
    """Every kind by its name."""
    modules = [importlib.import_module(f"{__name__}.{each.name}") for each in pkgutil.iter_modules(__path__)]
    return {module.KIND.name: module.KIND for module in modules}
