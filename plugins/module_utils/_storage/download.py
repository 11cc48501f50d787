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
from .._plan import ABSENT, Facts
from .._progress import Progress
from .._xml import properties
from .._xml.difference import Change
from .._xml.properties import LIVE
from . import staging
from .copying import RunCommand, Tools, check_digest, copy_file
from .origin import known_volume, need_local, refuse_writers
from .places import describe, find_place, find_volume, volume_facts
from .volume_plan import PRESENT
from .volume_properties import PERMISSIONS

Warn = Callable[[str], None]


def converge(
    connection: Any, options: Mapping[str, Any], check_mode: bool, warn: Warn, run_command: RunCommand
) -> dict[str, Any]:
    """Make the file what the volume is (or tell what would be done); the module's result."""
    name, target = check_name("Volume", options["name"]), Path(options["download_to"])
    if options["state"] == ABSENT:
        raise HypervisorError(f"Volume {name}: download_to needs state: present.", "INVALID_OPTION")
    permissions = properties.normal(PERMISSIONS, options)
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
    if target != Path(found["path"]) and known_volume(connection, str(target)) is not None:
        raise HypervisorError(
            f"Volume {name}: download_to {target} is a volume itself, which a download never replaces.",
            "INVALID_OPTION",
        )
    if found["type"] != "file" or target.is_dir():
        raise HypervisorError(
            f"Volume {name} of pool {place.pool} cannot be copied to {target}: only volumes that are files are"
            " downloaded, and download_to is the path of the new file.",
            "INVALID_OPTION",
        )
    if check_mode and not target.parent.is_dir():
        warn(f"{target.parent} does not exist yet: predicting as if it were there.")
    refuse_writers(connection, place, name, found["path"])
    tools = Tools(run_command, Progress(options.get("progress_file")), name)
    source = Path(found["path"])
    with staging.explained(source):
        tools.progress.say(f"comparing {name} with {target}")
        wanted, present, size = _digest(source), _digest(target), source.stat().st_size
    if present != wanted and not check_mode and not _write(source, target, wanted, permissions, tools):
        present = wanted
    return _result(target, actual, place.pool, present, wanted, size)


def _write(source: Path, target: Path, wanted: str | None, permissions: Mapping[str, Any], tools: Tools) -> bool:
    """Make the file the volume with the checksum C(wanted); False where another run did so meanwhile."""
    made = staging.place(
        target,
        lambda part, _lock: copy_file(source, part, tools),
        permissions,
        staging.WAIT,
        lambda: _digest(target) == wanted,
        lambda: tools.progress.say(f"waiting for another run that downloads {tools.name}"),
    )
    check_digest(target, str(wanted))
    return made


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
