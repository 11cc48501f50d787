# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two things of the machine itself that lab hosts share, as they were before the first and after the last."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Sequence

from .slots import REGISTRY, taken

_FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
_BEFORE = REGISTRY / "before.json"


def prepare(directories: Sequence[Path]) -> None:
    """Let the machine forward packets, and make missing mount points; what it takes to go back is written first."""
    if not _BEFORE.exists():
        made = [str(path) for path in directories if not path.exists()]
        _BEFORE.write_text(json.dumps({"made": made, "forwarding": _FORWARDING.read_text()}))
    if _FORWARDING.read_text().strip() != "1":
        _FORWARDING.write_text("1")
    for path in directories:
        path.mkdir(parents=True, exist_ok=True)


def restore() -> None:
    """Put it back where no lab host is left."""
    if not _BEFORE.exists() or any(taken()):
        return
    before = json.loads(_BEFORE.read_text())
    if _FORWARDING.read_text() != before["forwarding"]:
        _FORWARDING.write_text(before["forwarding"])
    for path in before["made"]:
        with contextlib.suppress(OSError):  # someone else put something there since
            Path(path).rmdir()
    _BEFORE.unlink()
