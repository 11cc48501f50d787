# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Where the content of a disk is: a file, a block device, a volume of a pool, or a server."""

from __future__ import annotations

from typing import Any, Mapping

from ..._xml import document
from ..._xml.document import Element
from ..._xml.properties import Property, Text

_KEPT = "startupPolicy"


def _new_source(element: Element, kind: str) -> Element:
    """The C(<source>) of a kind, without what belonged to the former one."""
    former = document.find(element, "source")
    kept = None if former is None else former.get(_KEPT)
    for path in ("source", "backingStore"):
        document.remove(element, path)
    element.set("type", kind)
    source = document.ensure(element, "source")
    if kept:
        source.set(_KEPT, kept)
    return source


class DiskSource(Text):
    """A file, or a block device where the path lies under /dev. An empty one is an empty drive."""

    def read(self, element: Element) -> Any:
        return document.get(element, "source/@file") or document.get(element, "source/@dev")

    def write(self, element: Element, value: Any) -> None:
        kind, place = ("block", "dev") if value.startswith("/dev/") else ("file", "file")
        if value == "":
            for path in ("source", "backingStore"):
                document.remove(element, path)
            element.set("type", kind)
        elif element.get("type") == kind and document.get(element, f"source/@{place}") is not None:
            document.remove(element, "backingStore")
            document.put(element, f"source/@{place}", value)
        else:
            _new_source(element, kind).set(place, value)


class DiskVolume(Property):
    """A volume of a libvirt pool."""

    type = "dict"

    def argument(self) -> dict[str, Any]:
        required = {"type": "str", "required": True}
        return {"type": "dict", "options": {"pool": required, "volume": required}}

    def read(self, element: Element) -> Any:
        pool, volume = document.get(element, "source/@pool"), document.get(element, "source/@volume")
        return None if pool is None or volume is None else {"pool": pool, "volume": volume}

    def write(self, element: Element, value: Any) -> None:
        source = _new_source(element, "volume")
        for name in ("pool", "volume"):
            source.set(name, value[name])


class DiskNetworkSource(Property):
    """An image that a server has. A host without a port is at the protocol's own."""

    type = "dict"
    PROTOCOLS = ("nbd", "iscsi", "rbd", "gluster", "nfs", "ssh", "http", "https", "ftp", "ftps", "tftp")

    def argument(self) -> dict[str, Any]:
        host = {"name": {"type": "str", "required": True}, "port": {"type": "int"}}
        return {
            "type": "dict",
            "options": {
                "protocol": {"type": "str", "required": True, "choices": list(self.PROTOCOLS)},
                "name": {"type": "str"},
                "hosts": {"type": "list", "elements": "dict", "options": host, "default": []},
            },
        }

    def normal(self, value: Any) -> Any:
        hosts = [{"name": host["name"], "port": host.get("port")} for host in value.get("hosts") or []]
        return {"protocol": value["protocol"], "name": value.get("name"), "hosts": hosts}

    def same(self, present: Any, wanted: Any) -> bool:
        if not present or any(present[name] != wanted[name] for name in ("protocol", "name")):
            return False
        pairs = list(zip(present["hosts"], wanted["hosts"]))
        return len(present["hosts"]) == len(wanted["hosts"]) and all(_same_host(*pair) for pair in pairs)

    def read(self, element: Element) -> Any:
        source = document.find(element, "source")
        if source is None or source.get("protocol") is None:
            return None
        hosts = [
            {"name": host.get("name"), "port": int(host.get("port")) if host.get("port") else None}
            for host in document.children(source, "host")
        ]
        return {"protocol": source.get("protocol"), "name": source.get("name"), "hosts": hosts}

    def write(self, element: Element, value: Any) -> None:
        source = _new_source(element, "network")
        source.set("protocol", value["protocol"])
        if value["name"] is not None:
            source.set("name", value["name"])
        for host in value["hosts"]:
            given = {name: str(each) for name, each in host.items() if each is not None}
            source.append(source.makeelement("host", given))


def _same_host(present: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return present["name"] == wanted["name"] and wanted["port"] in (None, present["port"])
