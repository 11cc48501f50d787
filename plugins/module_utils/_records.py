# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Completion records: files that tell what was finished, and from which one sees whether it is still the same."""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Mapping

from ._errors import HypervisorError

SCHEMA = 1


def read(path: Path, others: str) -> dict[str, Any] | None:
    """What the record says, None where there is none. C(others) names what has to go with one that cannot be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise HypervisorError(
            f"{path} is not a completion record that this version can read: remove it together with {others} if no"
            " guest uses them, and run again.",
            "RECORD_UNREADABLE",
        )
    return found


def write(path: Path, part: Path, facts: Mapping[str, Any], mode: int) -> dict[str, Any]:
    """Put the record there at once, by way of C(part), and return it."""
    completed = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    record = {"schema": SCHEMA, "completed": completed, **facts}
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(json.dumps(record, indent=2, sort_keys=True) + "\n")
    sync(part)
    part.rename(path)
    return record


def stat(path: Path) -> dict[str, int] | None:
    """What changes when somebody writes or replaces the file."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return {"size": found.st_size, "inode": found.st_ino, "mtime_ns": found.st_mtime_ns}


def sync(path: Path) -> None:
    """Have the file, or the names in the directory, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
