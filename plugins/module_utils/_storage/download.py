# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A volume copied to a file, byte by byte: staged, compared, then renamed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Mapping

from .._errors import HypervisorError
from .._image.sums import digest_file
from .._names import check_name
from .._plan import Facts
from .._progress import Progress
from .._xml.difference import Change
from .._xml.properties import LIVE
from . import staging
from .copying import RunCommand, Tools, copy_file
from .origin import need_local, refuse_writers
from .places import describe, find_place, find_volume, volume_facts
from .volume_plan import PRESENT

Warn = Callable[[str], None]


def converge(
    connection: Any, options: Mapping[str, Any], check_mode: bool, warn: Warn, run_command: RunCommand
) -> dict[str, Any]:
    """Make the file what the volume is (or tell what would be done); the module's result."""
    name, target = check_name("Volume", options["name"]), Path(options["download_to"])
    need_local(connection, name)
    place = find_place(connection, options["pool"], PRESENT, check_mode, warn)
    place, volume = find_volume(place, name, check_mode, warn)
    actual = volume_facts(volume)
    if volume is None:
        problem = f"Volume {name} of pool {place.pool}, which shall be downloaded, does not exist"
        if not check_mode:
            raise HypervisorError(f"{problem}: correct its name.", "VOLUME_NOT_FOUND")
        warn(f"{problem} yet: predicting as if it were there.")
        return _result(target, actual, place.pool, None, None, 0)
    found = describe(place.pool, actual.document)
    if found["type"] != "file" or target.is_dir():
        raise HypervisorError(
            f"Volume {name} of pool {place.pool} cannot be copied to {target}: only volumes that are files are"
            " downloaded, and download_to is the path of the new file.",
            "INVALID_OPTION",
        )
    if check_mode and not target.parent.is_dir():
        warn(f"{target.parent} does not exist yet: predicting as if it were there.")
    refuse_writers(connection, place, name, found["path"])
    return _converge(
        Path(found["path"]), target, actual, options, check_mode, Tools(run_command, _progress(options), name)
    )


def _progress(options: Mapping[str, Any]) -> Progress:
    return Progress(options.get("progress_file"))


def _converge(
    source: Path, target: Path, actual: Facts, options: Mapping[str, Any], check_mode: bool, tools: Tools
) -> dict[str, Any]:
    with staging.explained(source):
        tools.progress.say(f"comparing {tools.name} with {target}")
        wanted, present = _digest(source), _digest(target)
        size = source.stat().st_size
    if present != wanted and not check_mode:
        made = staging.place(
            target,
            lambda part, _lock: copy_file(source, part, tools),
            options,
            staging.WAIT,
            lambda: _digest(target) == wanted,
            lambda: tools.progress.say(f"waiting for another run that downloads {tools.name}"),
        )
        wanted, present = _digest(target), present if made else _digest(target)
    return _result(target, actual, options["pool"], present, wanted, size)


def _digest(path: Path) -> str | None:
    """The checksum of the file, None where there is none."""
    return f"sha256:{digest_file(path, 'sha256')['sha256']}" if path.exists() else None


def _result(target: Path, actual: Facts, pool: str, before: str | None, after: str | None, size: int) -> dict[str, Any]:
    changed = before != after or after is None
    return {
        "changed": changed,
        "changes": [Change("download_to", before, after, LIVE).as_dict()] if changed else [],
        "diff": {
            "before": f"{before or 'absent'}\n",
            "after": f"{after or 'present'}\n",
            "before_header": str(target),
            "after_header": str(target),
        },
        "volume": describe(pool, actual.document),
        "download": {"path": str(target), "checksum": after, "size": size},
    }
