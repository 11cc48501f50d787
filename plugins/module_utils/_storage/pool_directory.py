# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The directory of a pool, looked at where this machine is the hypervisor."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

from .._errors import HypervisorError
from .._libvirt.connection import is_local
from .._xml import document
from .._xml.document import Element


def _path(connection: Any, element: Element) -> Path | None:
    """The directory, None where this machine cannot see it."""
    return Path(str(document.get(element, "target/path"))) if is_local(connection) else None


def is_gone(pool: Any, element: Element) -> bool:
    """Whether a killed run has removed the directory already."""
    path = _path(pool.connect(), element)
    return path is not None and not path.exists()


def refuse_full(connection: Any, name: str, element: Element) -> None:
    """Nothing but an empty directory is ever removed; libvirt's own rmdir sees to that in the end."""
    if element.get("type") != "dir":
        raise HypervisorError(
            f"Pool {name} is of type {element.get('type')}: remove_directory is for pools of type dir.",
            "INVALID_OPTION",
        )
    path = _path(connection, element)
    try:
        left = [] if path is None else sorted(each.name for each in path.iterdir())
    except OSError:
        return  # It is gone, or only libvirt may look.
    if left:
        raise HypervisorError(
            f"Pool {name}: its directory {path} holds {len(left)} files, such as {left[0]}: remove its volumes first,"
            " or leave out remove_directory.",
            "DIRECTORY_NOT_EMPTY",
            files=left[:10],
        )


def refuse_missing(connection: Any, name: str, element: Element, absent: Callable[[str], None]) -> None:
    """Tell C(absent) where the directory, which nobody is to make, is not there."""
    path = _path(connection, element)
    if path is not None and not path.is_dir():
        absent(f"Pool {name}: its directory {path} does not exist, and build: false makes none.")


def refuse(problem: str) -> None:
    """What C(absent) is outside check mode, in which an earlier task may have made the directory."""
    raise HypervisorError(f"{problem} Make it, or leave build: true.", "DIRECTORY_MISSING")
