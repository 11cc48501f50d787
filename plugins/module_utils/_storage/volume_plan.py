# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Volumes, the pure half: desired options to plan. Nothing is ever shrunk, converted or replaced."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Mapping

from .._errors import HypervisorError
from .._plan import ABSENT, Facts, Plan, make_plan
from .._xml import document, properties
from .._xml.difference import difference
from .._xml.properties import LIVE, RECREATE, Group, Integer, Size, Text
from .._xml.units import format_size

PRESENT = "present"
FORMATS = {"choices": ["qcow2", "raw"]}

PROPERTIES = (
    Size("capacity", "capacity", LIVE, unit="bytes", grain=512),
    Text("format", "target/format/@type", RECREATE, FORMATS),
    Group(
        "backing",
        (
            Text("path", "path", RECREATE, {"required": True}),
            Text("format", "format/@type", RECREATE, {**FORMATS, "required": True}),
        ),
        "backingStore",
    ),
)

PERMISSIONS = (
    Text("mode", "target/permissions/mode"),
    Integer("owner", "target/permissions/owner"),
    Integer("group", "target/permissions/group"),
)
"""They apply when the volume is made: libvirt changes them itself while a guest uses it."""

_DIRECTORIES = ("dir", "fs", "netfs")
_LARGEST = (1 << 63) - 512


@dataclass(frozen=True)
class Place:
    """The pool as far as a volume cares."""

    pool: str
    type: str | None = "dir"
    directory: str | None = None
    handle: Any = None
    """libvirt.virStoragePool; None where there is no such pool (yet)."""


@dataclass(frozen=True)
class Origin:
    """What a new volume begins with: the image it is uploaded from, or the volume below it."""

    capacity: int | None = None
    format: str | None = None


def plan(place: Place, actual: Facts, options: Mapping[str, Any], origin: Origin) -> Plan:
    """What has to change for the volume to be as the options say."""
    if options["state"] == ABSENT:
        return make_plan(actual, Facts(), [])
    label = f"Volume {options['name']} of pool {place.pool}"
    wanted = properties.normal(PROPERTIES, options)
    if not 0 < wanted.get("capacity", 1) <= _LARGEST:
        raise HypervisorError(f"{label}: no disk can have the capacity {options['capacity']}.", "INVALID_SIZE")
    if options.get("source"):
        wanted.setdefault("format", "qcow2")
    present: dict[str, Any] = {}
    if actual.document is None:
        element = _new(label, place, options, wanted, origin)
    else:
        element = document.copy(actual.document)
        present = properties.read(PROPERTIES, element)
        _refuse(label, present, wanted, uploaded=bool(options.get("source")))
    changes = difference(PROPERTIES, present, wanted)
    properties.write(PROPERTIES, element, wanted)
    return make_plan(actual, Facts(PRESENT, None, element), changes)


def _new(label: str, place: Place, options: Mapping[str, Any], wanted: dict[str, Any], origin: Origin) -> Any:
    """The document of a volume that does not exist yet; completes C(wanted)."""
    wanted.setdefault("format", "qcow2")
    if wanted.get("backing"):
        _check_backing(label, wanted, origin)
    elif options.get("source"):
        _check_upload(label, place)
    elif "capacity" not in wanted:
        raise HypervisorError(f"{label} does not exist: give capacity, source or backing to make it.", "MISSING_OPTION")
    if origin.capacity is not None and wanted.setdefault("capacity", origin.capacity) < origin.capacity:
        raise _shrinks(label, "what it is made from", origin.capacity, wanted["capacity"])
    if not re.fullmatch("[0-7]{3,4}", options.get("mode") or "0600"):
        raise HypervisorError(f"{label}: mode {options['mode']!r} is not octal, such as '0644'.", "INVALID_OPTION")
    element = document.parse("<volume type='file'><name/><allocation unit='bytes'>0</allocation></volume>")
    document.put(element, "name", options["name"])
    if place.directory:
        document.put(element, "target/path", f"{place.directory}/{options['name']}")
    if wanted["format"] == "qcow2":
        # libvirt's default, 0.10, is what QEMU wrote before 2013: no zero clusters, no lazy reference counts.
        document.put(element, "target/compat", "1.1")
    properties.write(PERMISSIONS, element, properties.normal(PERMISSIONS, options))
    return element


def _check_upload(label: str, place: Place) -> None:
    if place.type not in _DIRECTORIES:
        raise HypervisorError(
            f"{label}: an upload needs a pool that is a directory, and this one is of type {place.type}.",
            "UPLOAD_NEEDS_DIRECTORY",
        )


def _check_backing(label: str, wanted: Mapping[str, Any], origin: Origin) -> None:
    backing = wanted["backing"]
    if wanted["format"] != "qcow2":
        raise HypervisorError(f"{label} is {wanted['format']}: only qcow2 can have a backing.", "INVALID_OPTION")
    if not backing["path"].startswith("/"):
        raise HypervisorError(f"{label}: backing.path {backing['path']!r} has to be absolute.", "INVALID_OPTION")
    if origin.format not in (None, backing["format"]):
        raise HypervisorError(
            f"{label}: its backing {backing['path']} is {origin.format}, and backing.format says {backing['format']}:"
            " correct backing.format.",
            "FORMAT_MISMATCH",
        )


def _refuse(label: str, present: Mapping[str, Any], wanted: Mapping[str, Any], uploaded: bool) -> None:
    """Stop where an existing volume could become what is wanted only by losing what it holds."""
    for change in difference(PROPERTIES, present, wanted):
        if change.applied == RECREATE:
            raise _other(label, change.path, change.before, change.after)
    if uploaded and present["backing"]:
        raise _other(label, "backing", present["backing"]["path"], "none, as an uploaded volume has")
    capacity = present["capacity"]
    if wanted.get("capacity", capacity) < capacity:
        raise _shrinks(label, "it", capacity, wanted["capacity"])


def _other(label: str, path: str, before: Any, after: Any) -> HypervisorError:
    return HypervisorError(
        f"{label} has {path} {before or 'none'}, and it cannot be changed to {after}: remove the volume with its"
        " content (state: absent) and make it anew, or choose another name.",
        "RECREATE_REQUIRED",
        path=path,
        before=before,
        after=after,
    )


def _shrinks(label: str, what: str, before: int, after: int) -> HypervisorError:
    return HypervisorError(
        f"{label}: {what} has {format_size(before)}, and capacity asks for {format_size(after)}. Shrinking would cut"
        " off data and is never done: ask for at least as much, or make another volume.",
        "SHRINK_REFUSED",
        before=before,
        after=after,
    )
