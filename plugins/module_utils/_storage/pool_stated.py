# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What libvirt keeps of a C(<pool>) document, so that two documents can be compared by what they mean. Pure.

libvirt reads of a document what its kind of pool has, fills in defaults and drops the rest. Documents
of which the same is kept define the same pool.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Mapping
from uuid import UUID

from .._xml import document
from .._xml.difference import Change
from .._xml.document import Element
from .pool_properties import RESTART, clean_path

Kept = Mapping[str, str]
"""Path in the document -> value."""

LEARNT = tuple(f"target/permissions/{name}" for name in ("mode", "owner", "group", "label"))
"""What libvirt reads from the storage itself when a pool starts, and writes over what the document says."""

_NOBODY = 0xFFFFFFFF
"""The user and group -1, by which libvirt writes "not stated"."""

_LISTS = {"host": ("name", "port"), "device": ("path", "part_separator")}

_EXTENSIONS = {
    "fs": ("http://libvirt.org/schemas/storagepool/fs/1.0", "mount_opts"),
    "netfs": ("http://libvirt.org/schemas/storagepool/fs/1.0", "mount_opts"),
    "rbd": ("http://libvirt.org/schemas/storagepool/rbd/1.0", "config_opts"),
}


@dataclass(frozen=True)
class _Kind:
    """Which parts of the source a kind of pool has, its default format, and whether it appears at a path."""

    parts: tuple[str, ...] = ()
    format: str | None = None
    local: bool = True


_KINDS = {
    "dir": _Kind(),
    "fs": _Kind(("device",), "auto"),
    "netfs": _Kind(("host", "dir"), "auto"),
    "logical": _Kind(("name", "device"), "lvm2"),
    "disk": _Kind(("device",), "unknown"),
    "iscsi": _Kind(("host", "device", "initiator")),
    "iscsi-direct": _Kind(("host", "device", "initiator"), local=False),
    "scsi": _Kind(("adapter",)),
    "mpath": _Kind(),
    "rbd": _Kind(("host", "name"), local=False),
    "sheepdog": _Kind(("host", "name"), local=False),
    "gluster": _Kind(("host", "name", "dir"), local=False),
    "zfs": _Kind(("name", "device")),
    "vstorage": _Kind(("name",)),
}


def kept(element: Element) -> Kept:
    """What libvirt keeps, without name and UUID."""
    name = element.get("type") or ""
    kind = _KINDS.get(name, _Kind())
    found = {"@type": name, "features/cow/@state": document.get(element, "features/cow/@state")}
    found.update(_source(element, name, kind))
    if kind.local:
        found.update(_target(element, name, found.get("source/name")))
    found["refresh/volume/@allocation"] = document.get(element, "refresh/volume/@allocation")
    found.update(_extension(element, name))
    return {path: value for path, value in found.items() if value}


def differences(stated: Element, actual: Element, learnt: bool) -> list[Change]:
    """In what the pool of the document C(stated) would be another than C(actual).

    C(learnt) forgives what libvirt may have learnt about C(actual) and C(stated) is silent on.
    """
    wanted, present = kept(stated), dict(kept(actual))
    for path in LEARNT:
        if learnt and path not in wanted:
            present.pop(path, None)
    return [
        Change(f"xml/{path}", present.get(path), wanted.get(path), RESTART)
        for path in sorted({*wanted, *present})
        if present.get(path) != wanted.get(path)
    ]


def _source(element: Element, name: str, kind: _Kind) -> dict[str, str | None]:
    source = document.ensure(document.copy(element), "source")
    found = {
        f"source/{path}": document.get(source, path) for path in ("protocol/@ver", "vendor/@name", "product/@name")
    }
    for path, value in _auth(source).items():
        found[f"source/auth/{path}"] = value
    if kind.format:
        found["source/format/@type"] = document.get(source, "format/@type") or kind.format
    if "dir" in kind.parts:
        found["source/dir/@path"] = clean_path(document.get(source, "dir/@path") or "/" * (name == "gluster"))
    if "name" in kind.parts:
        found["source/name"] = document.get(source, "name") or document.get(element, "name")
    if "initiator" in kind.parts:
        found["source/initiator/iqn/@name"] = document.get(source, "initiator/iqn/@name")
    if "adapter" in kind.parts:
        found.update({f"source/adapter/{path}": value for path, value in _adapter(source).items()})
    for tag, attributes in _LISTS.items():
        if tag in kind.parts:
            found.update(_listed(source, tag, attributes))
    return found


def _listed(source: Element, tag: str, attributes: tuple[str, ...]) -> dict[str, str | None]:
    return {
        f"source/{tag}[{position}]/@{name}": None if (name, each.get(name)) == ("port", "0") else each.get(name)
        for position, each in enumerate(document.children(source, tag))
        for name in attributes
    }


def _auth(source: Element) -> dict[str, str | None]:
    found = {path: document.get(source, f"auth/{path}") for path in ("@type", "@username", "secret/@usage")}
    uuid = document.get(source, "auth/secret/@uuid")
    return {**found, "secret/@uuid": _uuid(uuid) if uuid else None}


def _adapter(source: Element) -> dict[str, str | None]:
    adapter = document.find(source, "adapter")
    if adapter is None:
        return {}
    found: dict[str, str | None] = {f"@{name}": value for name, value in adapter.attrib.items()}
    found["@type"] = adapter.get("type") or "scsi_host"
    parent = adapter.find("parentaddr")
    if parent is not None:
        found["parentaddr/@unique_id"] = _number(parent.get("unique_id") or "", 10)
        for part in ("domain", "bus", "slot", "function"):
            found[f"parentaddr/address/@{part}"] = _number(document.get(parent, f"address/@{part}") or "0", 0)
    return found


def _target(element: Element, name: str, source: str | None) -> dict[str, str | None]:
    devices = {"logical": "/dev/", "zfs": "/dev/zvol/"}
    path = f"{devices[name]}{source}" if name in devices else document.get(element, "target/path") or ""
    found: dict[str, str | None] = {"target/path": clean_path(path)}
    for permission, base in (("mode", 8), ("owner", 10), ("group", 10)):
        value = _number(document.get(element, f"target/permissions/{permission}") or "", base)
        found[f"target/permissions/{permission}"] = value
    found["target/permissions/label"] = document.get(element, "target/permissions/label")
    return found


def _extension(element: Element, name: str) -> dict[str, str | None]:
    if name not in _EXTENSIONS:
        return {}
    namespace, tag = _EXTENSIONS[name]
    options = element.iterfind(f"{{{namespace}}}{tag}/{{{namespace}}}option")
    return {
        f"{tag}/option[{position}]/@{attribute}": each.get(attribute)
        for position, each in enumerate(options)
        for attribute in ("name", "value")
    }


def _number(text: str, base: int) -> str | None:
    """The number as decimal text, read as C does; what is none is left for libvirt to refuse."""
    try:
        value = int(text, 8 if base == 0 and re.fullmatch("0[0-7]+", text) else base) & _NOBODY
    except ValueError:
        return text or None
    return None if value == _NOBODY else str(value)


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return text
