# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Volumes: the plan carried out. C(volume_plan) decides."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Mapping

from .._deps import libvirt
from .._errors import HypervisorError
from .._libvirt.connection import is_local
from .._libvirt.errors import ALREADY_THERE, NO_STORAGE_VOL, OPERATION_FAILED, STORAGE_VOL_EXIST, explained
from .._lock import libvirt_locked
from .._names import check_name
from .._plan import ABSENT, Plan
from .._progress import Progress
from .._xml import document, properties
from . import copying, staging
from .copying import RunCommand, Tools
from .origin import find_origin
from .places import describe, find_place, find_volume, lookup, refresh, volume_facts, with_directory
from .usage import Use, refuse_use, volume_uses
from .volume_plan import PRESENT, Origin, Place, plan
from .volume_properties import PROPERTIES

Warn = Callable[[str], None]

ATTEMPTS = 3
"""How often a run that lost a race reads again and compares."""

ALGORITHMS = ("zero", "nnsa", "dod", "bsi", "gutmann", "schneier", "pfitzner7", "pfitzner33", "random")
"""Ways of wiping a volume, in the order of libvirt's numbers for them."""
_SCRUB = "scrub"
"""The program that does all of them but the first."""


def _apply(
    place: Place, volume: Any, todo: Plan, origin: Origin, uses: list[Use], options: Mapping[str, Any], tools: Tools
) -> None:
    """Carry the plan out."""
    if todo.after.state == ABSENT:
        _delete(volume, options)
        return
    if volume is None and origin.recipe is None:
        _create(place, todo.after.document, options)
        return
    made = _copy(place, todo.after.document, origin.recipe, options, tools) if volume is None else None
    with libvirt_locked(options["timeout"], "the sizes of volumes"):
        grown = _grow(made or volume, todo.after.document, uses)
    if not (made or grown):
        raise HypervisorError("Another run has grown the volume already.", "EXISTS", libvirt_code=OPERATION_FAILED)


def _delete(volume: Any, options: Mapping[str, Any]) -> None:
    if options["wipe"]:
        with explained(f"wiping volume {options['name']}"):
            volume.wipePattern(ALGORITHMS.index(options["wipe_algorithm"]), 0)
    with explained(f"deleting volume {options['name']}"):
        volume.delete(0)


def _create(place: Place, element: Any, options: Mapping[str, Any]) -> None:
    allocates = properties.read(PROPERTIES, element)["format"] == "qcow2" and options["preallocation"] != "none"
    flags = libvirt.VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA if allocates else 0
    with explained(f"creating volume {options['name']}"):
        place.handle.createXML(document.to_text(element), flags)


def _copy(place: Place, element: Any, recipe: Any, options: Mapping[str, Any], tools: Tools) -> Any:
    final = Path(str(document.get(element, "target/path")))
    if not staging.place(
        final,
        copying.fill(recipe, tools),
        options,
        staging.WAIT,
        tick=lambda: tools.progress.say(f"waiting for another run that makes {options['name']}"),
    ):
        # As libvirt says it for a volume that it would have made itself.
        raise HypervisorError(f"{final} already exists.", "EXISTS", libvirt_code=STORAGE_VOL_EXIST)
    refresh(place, options["timeout"])
    with explained(f"looking up the copied volume {options['name']}"):
        return place.handle.storageVolLookupByName(options["name"])


def _grow(volume: Any, element: Any, uses: list[Use]) -> bool:
    """Grow the volume if it is smaller; where a running guest has it, by that guest, who sees it at once."""
    wanted = properties.read(PROPERTIES, element)["capacity"]
    if properties.read(PROPERTIES, volume_facts(volume).document)["capacity"] >= wanted:
        return False
    if uses:
        with explained(f"growing disk {uses[0].target} of domain {uses[0].name}"):
            uses[0].domain.blockResize(uses[0].target, wanted, libvirt.VIR_DOMAIN_BLOCK_RESIZE_BYTES)
    else:
        with explained(f"growing volume {volume.name()}"):
            volume.resize(wanted)
    return True


def _uses(connection: Any, place: Place, todo: Plan) -> list[Use]:
    """Who has the volume that changes; refused where the change would hurt them."""
    if todo.before.document is None or not todo.changes:
        return []
    found = describe(place.pool, todo.before.document)
    uses = volume_uses(connection, place.pool, found["name"], found["path"])
    if todo.after.state == ABSENT:
        refuse_use(place.pool, found["name"], uses, "stop them first.")
    elif len(uses) > 1 or not all(use.writes for use in uses):
        hint = "it can grow while one guest has it as a disk of its own. Stop them first."
        refuse_use(place.pool, found["name"], uses, hint)
    return uses


def _refuse_wipe(connection: Any, options: Mapping[str, Any]) -> None:
    """libvirt would tell only when it is asked to wipe."""
    scrubs = options["wipe"] and options["wipe_algorithm"] != ALGORITHMS[0]
    if scrubs and is_local(connection) and shutil.which(_SCRUB) is None:
        raise HypervisorError(
            f"Volume {options['name']}: wiping by {options['wipe_algorithm']} needs the program {_SCRUB}: install it,"
            f" or use wipe_algorithm: {ALGORITHMS[0]}.",
            "WIPE_UNAVAILABLE",
        )


def converge(
    connection: Any, options: Mapping[str, Any], check_mode: bool, warn: Warn, run_command: RunCommand
) -> dict[str, Any]:
    """Make the volume what the options say (or tell what would be done); the module's result."""
    name = check_name("Volume", options["name"])
    tools = Tools(run_command, Progress(options.get("progress_file")), name)
    place = find_place(connection, options["pool"], options["state"], check_mode, warn)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            todo = _run(connection, place, options, check_mode, warn, tools)
            break
        except HypervisorError as error:
            # Another run was faster: read again and compare.
            if error.details.get("libvirt_code") not in {*ALREADY_THERE, NO_STORAGE_VOL} or attempt == ATTEMPTS:
                raise
            if not check_mode:
                refresh(place, options["timeout"])
    return {**todo.result(name), "volume": describe(place.pool, todo.after.document), "download": None}


def _run(connection: Any, place: Place, options: Mapping[str, Any], check_mode: bool, warn: Warn, tools: Tools) -> Plan:
    """Read, plan, and outside check mode act: the plan, with what came of it."""
    name = options["name"]
    place, volume = find_volume(place, name, check_mode, warn)
    origin = Origin()
    if volume is None and options["state"] == PRESENT:
        place = with_directory(place)
        origin = find_origin(connection, options, check_mode, warn)
    todo = plan(place, volume_facts(volume), options, origin)
    uses = _uses(connection, place, todo)
    if todo.changes:
        _refuse_wipe(connection, options)
    if check_mode or not todo.changes:
        return todo
    with todo.attempted(name):
        _apply(place, volume, todo, origin, uses, options, tools)
        return replace(todo, after=volume_facts(lookup(place, name)))
