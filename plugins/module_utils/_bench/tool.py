# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What all tools have in common: the executable, check mode, and what a result says beside its numbers."""

from __future__ import annotations

import hashlib
import shlex
import shutil
from pathlib import Path
from typing import Any, Mapping, Sequence

from .._errors import HypervisorError
from . import machine
from .process import Finished

MARGIN = 60
"""Seconds that a run may take beyond its time: a busy guest under emulation starts slowly."""


def executable(name: str, package: str) -> str:
    """The path of an executable."""
    path = shutil.which(name)
    if path is None:
        raise HypervisorError(
            f"{name} is not an executable here: install the package {package}, or set executable.",
            "EXECUTABLE_MISSING",
        )
    return path


def predicted(key: str, argv: Sequence[str], changed: bool = False, skipped: bool = True) -> dict[str, Any]:
    """The module's result in check mode."""
    return {
        "changed": changed,
        "skipped": skipped,
        "msg": f"Would run: {' '.join(shlex.quote(word) for word in argv)}",
        key: {"command": list(argv)},
    }


def described(result: Mapping[str, Any], argv: Sequence[str], done: Finished) -> dict[str, Any]:
    """The numbers with the command, the conditions and the machine."""
    warnings = [line for line in done.stderr.split("\n") if line.strip()]
    return {
        **result,
        "warnings": [*result.get("warnings", []), *warnings],
        **done.conditions,
        "command": list(argv),
        "executable": {"path": argv[0], "sha256": hashlib.sha256(Path(argv[0]).read_bytes()).hexdigest()},
        "environment": machine.environment(),
    }


def invalid(message: str) -> HypervisorError:
    """The error of an option."""
    return HypervisorError(message, "INVALID_OPTION")
