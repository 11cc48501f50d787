# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What a new volume is made from, looked at before anything is made: a file, another volume, or what lies below it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Mapping

from .._errors import HypervisorError
from .._libvirt.connection import is_local
from .._libvirt.errors import NO_STORAGE_VOL
from .._libvirt.lookup import find
from .._xml import document, properties
from .copying import Recipe, examine
from .places import find_place, lookup, volume_facts, with_directory
from .pool_properties import DIRECTORIES
from .usage import refuse_use, volume_uses
from .volume_plan import PRESENT, Origin, Place, creation_options
from .volume_properties import FORMATS, PROPERTIES

Warn = Callable[[str], None]
_DEPTH = 32
"""Images below an image that are followed."""


def find_origin(connection: Any, options: Mapping[str, Any], check_mode: bool, warn: Warn) -> Origin:
    """The image that the options name."""
    if options.get("source"):
        return _file(connection, options, check_mode, warn)
    if options.get("clone_from"):
        return _volume(connection, options, check_mode, warn)
    if options.get("backing"):
        return _backing(connection, options["backing"]["path"], check_mode, warn)
    return Origin()


def _backing(connection: Any, path: str, check_mode: bool, warn: Warn) -> Origin:
    below = known_volume(connection, path)
    if below is not None:
        found = properties.read(PROPERTIES, below)
        return Origin(found["capacity"], found["format"])
    if check_mode and is_local(connection) and not Path(path).exists():
        warn(f"Backing {path} does not exist yet: predicting as if it were there.")
    return Origin()


def known_volume(connection: Any, path: str) -> Any:
    """The document of the volume at that path, None where no active pool has one."""
    volume = find(connection.storageVolLookupByPath, path, NO_STORAGE_VOL, f"looking up the volume at {path}")
    return volume_facts(volume).document


def need_local(connection: Any, name: str) -> None:
    """Copies are finished by a rename, which only this machine's own files allow."""
    if not is_local(connection):
        raise HypervisorError(
            f"Volume {name}: a copy needs a local URI, because it is finished by a rename in the pool's directory."
            " Run the module on the hypervisor itself.",
            "COPY_NEEDS_LOCAL",
        )


def _file(connection: Any, options: Mapping[str, Any], check_mode: bool, warn: Warn) -> Origin:
    need_local(connection, options["name"])
    source = Path(options["source"])
    if check_mode and not source.exists():
        warn(f"{source} does not exist yet: predicting as if it were there.")
        return Origin()
    wanted = options.get("format") or "qcow2"
    recipe = Recipe(source, options.get("source_format") or wanted, wanted, creation_options(options, wanted))
    return Origin(examine(source, recipe.source_format, options.get("checksum")), wanted, recipe)


def _volume(connection: Any, options: Mapping[str, Any], check_mode: bool, warn: Warn) -> Origin:
    need_local(connection, options["name"])
    origin = options["clone_from"]
    pool = origin.get("pool") or options["pool"]
    place = with_directory(find_place(connection, pool, PRESENT, check_mode, warn))
    element = volume_facts(lookup(place, origin["volume"])).document
    if element is None:
        problem = f"Volume {origin['volume']} of pool {place.pool}, from which {options['name']} shall be cloned,"
        if check_mode:
            warn(f"{problem} does not exist yet: predicting as if it were there.")
            return Origin()
        raise HypervisorError(f"{problem} does not exist: correct clone_from.", "VOLUME_NOT_FOUND")
    found, path = properties.read(PROPERTIES, element), Path(str(document.get(element, "target/path")))
    _refuse_unclonable(connection, place, origin, found)
    refuse_writers(connection, place, origin["volume"], str(path))
    present = found["format"] if found["format"] in FORMATS["choices"] else "raw"  # iso, or a block device
    wanted = options.get("format") or present
    flatten = bool(found["backing"])
    recipe = Recipe(path, present, wanted, creation_options(options, wanted), flatten)
    if not flatten and element.get("type") == "file":
        examine(path, present, None)
    return Origin(found["capacity"], wanted, recipe)


def _refuse_unclonable(connection: Any, place: Place, origin: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    label = f"Volume {origin['volume']} of pool {place.pool}"
    if place.type in DIRECTORIES and found["format"] not in (*FORMATS["choices"], "iso"):
        raise HypervisorError(f"{label} is {found['format']}: only qcow2 and raw volumes are cloned.", "IMAGE_REFUSED")
    if found["backing"] and not origin["flatten"]:
        raise HypervisorError(
            f"{label} lies on {found['backing']['path']}: allow the clone to hold the content of both with"
            " clone_from.flatten: true, or make another overlay with backing.",
            "IMAGE_REFUSED",
        )
    below = found["backing"]
    for _depth in range(_DEPTH):
        if not below:
            return
        element = known_volume(connection, below["path"])
        if element is None:
            # A guest can write any header into a raw disk, also one that names a secret of the host.
            raise HypervisorError(
                f"{label} lies on {below['path']}, which is no volume of an active pool: refused, since a guest could"
                " have written that into its disk.",
                "IMAGE_REFUSED",
            )
        below = properties.read(PROPERTIES, element)["backing"]
    raise HypervisorError(f"{label} lies on more than {_DEPTH} images.", "IMAGE_REFUSED")


def refuse_writers(connection: Any, place: Place, name: str, path: str) -> None:
    """A copy of what changes meanwhile is a copy of nothing."""
    writers = [use for use in volume_uses(connection, place.pool, name, path) if use.writes]
    refuse_use(place.pool, name, writers, "a copy would not be of one moment. Stop them first.")
