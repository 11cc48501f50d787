# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The files of the fileio test: what prepare would write, what cleanup would remove."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Mapping

from .._errors import HypervisorError
from .options import size


def files(options: Mapping[str, Any]) -> list[Path]:
    """The files that the test works on, there or not."""
    return [Path(options["chdir"]) / f"test_file.{number}" for number in range(options["file_num"])]


def present(options: Mapping[str, Any]) -> list[Path]:
    """Those of them that are there."""
    return [path for path in files(options) if path.exists()]


def missing_bytes(options: Mapping[str, Any]) -> int:
    """How much prepare would write: it makes missing files and extends short ones."""
    each = (size(options["file_total_size"]) or 0) // options["file_num"]
    return sum(max(0, each - (path.stat().st_size if path.exists() else 0)) for path in files(options))


def check_space(options: Mapping[str, Any]) -> None:
    """Refuse to prepare what does not fit."""
    needed, disk = missing_bytes(options), os.statvfs(options["chdir"])
    free = disk.f_bavail * disk.f_frsize
    if needed > free:
        raise HypervisorError(
            f"{options['chdir']} has {free // 2**20} MiB free, and the test files need {needed // 2**20} MiB more:"
            " free space, or lower file_total_size.",
            "NO_SPACE",
            needed=needed,
            free=free,
        )
