# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What a storage pool has, declared: its kind, where its storage comes from, and where it appears."""

from __future__ import annotations

import re
from typing import Any

from .._errors import HypervisorError
from .._xml import document
from .._xml.document import Element
from .._xml.properties import Group, Integer, Items, Property, Text

RESTART = "restart"
"""How a change takes effect that only a restart of the pool can bring about."""

DIRECTORIES = ("dir", "fs", "netfs")
"""Kinds of pools whose volumes are files in a directory, which libvirt can make."""

TYPES = (*DIRECTORIES, "logical", "disk")

_OCTAL = re.compile("0?[0-7]{3}")


def clean_path(path: str) -> str:
    """The path as libvirt stores it: without slashes that mean nothing."""
    if re.match("[^/]*://", path):
        return path  # a URI, in which they may mean something
    start = "//" if re.match("//(?!/)", path) else ""
    cleaned = start + re.sub("/+", "/", path[len(start) :])
    return cleaned if cleaned in ("/", "//") else cleaned.rstrip("/")


class Path(Text):
    """A path of the hypervisor."""

    def normal(self, value: Any) -> Any:
        if not value.startswith("/"):
            raise HypervisorError(f"{self.name} {value!r} has to be an absolute path.", "INVALID_OPTION")
        return clean_path(value)


class Mode(Text):
    """An octal mode."""

    def normal(self, value: Any) -> Any:
        if not _OCTAL.fullmatch(value):
            raise HypervisorError(
                f"{self.name} {value!r} is not an octal mode: write it in quotes, such as '0711'.", "INVALID_OPTION"
            )
        return f"0{int(value, 8):o}"


class Id(Integer):
    """The number of a user or a group."""

    def from_text(self, text: str) -> Any:
        try:
            return int(text)
        except ValueError as error:
            raise HypervisorError(f"{self.name} {text!r} in the document is not a number.", "INVALID_XML") from error


class Devices(Property):
    """The block devices; the list is the whole of them."""

    def argument(self) -> dict[str, Any]:
        return {"type": "list", "elements": "str"}

    def same(self, present: Any, wanted: Any) -> bool:
        return list(present or ()) == list(wanted)

    def read(self, element: Element) -> Any:
        return [each.get("path") for each in document.children(element, self.path)]

    def write(self, element: Element, value: Any) -> None:
        document.remove(element, self.path)
        for path in value:
            Items.add(element, self.path).set("path", path)


PERMISSIONS = (
    Mode("mode", "target/permissions/mode", RESTART),
    Id("owner", "target/permissions/owner", RESTART),
    Id("group", "target/permissions/group", RESTART),
)

PROPERTIES = (
    Text("type", "@type", RESTART, {"choices": list(TYPES)}),
    Path("path", "target/path", RESTART),
    *PERMISSIONS,
    Group(
        "source",
        (
            Text("host", "host/@name", RESTART),
            Text("dir", "dir/@path", RESTART),
            Devices("devices", "device", RESTART),
            Text("name", "name", RESTART),
            Text("format", "format/@type", RESTART),
        ),
        "source",
    ),
)
