# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Volumes, the pure half: desired options to plan. Nothing is ever shrunk, converted or replaced."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Mapping

from .._errors import HypervisorError
from .._plan import ABSENT, Facts, Plan, make_plan
from .._xml import document, properties
from .._xml.difference import Change, difference
from .._xml.properties import LIVE, RECREATE
from .._xml.units import format_size
from .copying import Recipe
from .pool_properties import DIRECTORIES
from .volume_properties import FEATURES, PERMISSIONS, PROPERTIES

PRESENT = "present"

_COPIES = ("source", "clone_from")
"""Options that make a new volume a copy."""
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
    """What a new volume begins with: the image it is copied from, or the volume below it."""

    capacity: int | None = None
    format: str | None = None
    recipe: Recipe | None = None


def plan(place: Place, actual: Facts, options: Mapping[str, Any], origin: Origin) -> Plan:
    """What has to change for the volume to be as the options say."""
    label = f"Volume {options['name']} of pool {place.pool}"
    if options["state"] == ABSENT:
        made = make_plan(actual, Facts(), [])
        wipes = [Change("wipe", None, options["wipe_algorithm"], LIVE)] if made.changes and options["wipe"] else []
        return Plan(actual, Facts(), [*wipes, *made.changes])
    if options["wipe"]:
        raise HypervisorError(f"{label}: wipe destroys the content, so it needs state: absent.", "INVALID_OPTION")
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
        _refuse(label, present, wanted, copied=any(options.get(each) for each in _COPIES))
    changes = [replace(change, applied=LIVE) for change in difference(PROPERTIES, present, wanted)]
    properties.write(PROPERTIES, element, wanted)
    return make_plan(actual, Facts(PRESENT, None, element), changes)


def _new(label: str, place: Place, options: Mapping[str, Any], wanted: dict[str, Any], origin: Origin) -> Any:
    """The document of a volume that does not exist yet; completes C(wanted)."""
    wanted.setdefault("format", (origin.format if origin.recipe else None) or "qcow2")
    copied = any(options.get(each) for each in _COPIES)
    if wanted.get("backing"):
        _check_backing(label, wanted, origin)
    elif copied:
        _check_copy(label, place)
    elif "capacity" not in wanted:
        raise HypervisorError(
            f"{label} does not exist: give capacity, source, clone_from or backing to make it.", "MISSING_OPTION"
        )
    if origin.capacity is not None and wanted.setdefault("capacity", origin.capacity) < origin.capacity:
        raise _shrinks(label, "what it is made from", origin.capacity, wanted["capacity"])
    _check_creation(label, options, wanted)
    element = document.parse("<volume type='file'><name/><allocation unit='bytes'>0</allocation></volume>")
    document.put(element, "name", options["name"])
    if options["preallocation"] == "full":
        document.put(element, "allocation", str(wanted["capacity"]))
    if place.directory:
        document.put(element, "target/path", f"{place.directory}/{options['name']}")
    if wanted["format"] == "qcow2" and not copied:
        # libvirt's default, 0.10, is what QEMU wrote before 2013: no zero clusters, no lazy reference counts.
        document.put(element, "target/compat", "1.1")
    properties.write(PERMISSIONS, element, properties.normal(PERMISSIONS, options))
    return element


def creation_options(options: Mapping[str, Any], image_format: str) -> tuple[str, ...]:
    """What qemu-img is told about a new image that becomes a copy; nothing where nothing was asked for."""
    features = properties.normal(FEATURES, options.get("qcow2") or {}) if image_format == "qcow2" else {}
    words = {True: "on", False: "off"}
    asked = [f"{name}={words.get(value, value)}" for name, value in features.items()]
    kinds = {"metadata": "metadata", "full": "falloc"}
    if options["preallocation"] in kinds:
        asked.append(f"preallocation={kinds[options['preallocation']]}")
    return tuple(asked)


def _check_creation(label: str, options: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Refuse what no new image can be."""
    features = wanted.get("qcow2") or {}
    if wanted["format"] != "qcow2" and (features or options["preallocation"] == "metadata"):
        raise HypervisorError(
            f"{label} is {wanted['format']}: qcow2 and preallocation: metadata are for format qcow2.", "INVALID_OPTION"
        )
    if features.get("compat") == "0.10" and (features.get("lazy_refcounts") or features.get("extended_l2")):
        raise HypervisorError(
            f"{label}: qcow2.lazy_refcounts and qcow2.extended_l2 need qcow2.compat 1.1.", "INVALID_OPTION"
        )
    if features.get("extended_l2") and features.get("cluster_size", 1 << 16) < 1 << 14:
        raise HypervisorError(f"{label}: qcow2.extended_l2 needs a cluster_size of 16KiB at least.", "INVALID_OPTION")
    if wanted.get("backing") and options["preallocation"] != "none":
        raise HypervisorError(
            f"{label}: an overlay holds only what differs from its backing, so nothing can be preallocated.",
            "INVALID_OPTION",
        )


def _check_copy(label: str, place: Place) -> None:
    if place.type not in DIRECTORIES:
        raise HypervisorError(
            f"{label}: a copy needs a pool that is a directory, and this one is of type {place.type}: only a rename"
            " makes a copy appear whole.",
            "COPY_NEEDS_DIRECTORY",
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


def _refuse(label: str, present: Mapping[str, Any], wanted: Mapping[str, Any], copied: bool) -> None:
    """Stop where an existing volume could become what is wanted only by losing what it holds."""
    for change in difference(PROPERTIES, present, wanted):
        if change.applied == RECREATE:
            raise _other(label, change.path, change.before, change.after)
    if copied and present["backing"]:
        raise _other(label, "backing", present["backing"]["path"], "none, as a copy has")
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
