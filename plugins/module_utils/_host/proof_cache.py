# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Proofs of acceleration, remembered until the host boots or its kernel, QEMU or the probe changes."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import probe_guest
from .files import read

FILE = "mini-hypervisor/accelerators.json"


def place() -> Path | None:
    """The file of this user, None where the user has no directory that vanishes at boot."""
    runtime = "/run" if os.geteuid() == 0 else os.environ.get("XDG_RUNTIME_DIR")
    return Path(runtime, FILE) if runtime else None


def key(qemu: str) -> dict[str, Any]:
    """All that a proof depends on."""
    binary = Path(qemu).stat()
    return {
        "boot": read("/proc/sys/kernel/random/boot_id").strip(),
        "kernel": platform.release(),
        "qemu": [qemu, binary.st_mtime_ns, binary.st_size],
        "probe": hashlib.sha256(probe_guest.boot_sector()).hexdigest(),
    }


def load(path: Path | None, wanted: dict[str, Any]) -> dict[str, Any]:
    """The proofs by accelerator; none where the file is missing, broken, or of another key."""
    try:
        content = json.loads(read(path) if path else "")
    except ValueError:
        return {}
    if not isinstance(content, dict) or content.get("key") != wanted:
        return {}
    return dict(content["proofs"])


def save(path: Path | None, found: dict[str, Any], proofs: dict[str, Any]) -> None:
    """Write the proofs whole or not at all. A cache that cannot be written costs seconds, so it is no error."""
    if path is None:
        return
    with suppress(OSError):
        path.parent.mkdir(mode=0o755, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".accelerators-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"key": found, "proofs": proofs}, file, indent=2)
        Path(temporary).replace(path)
