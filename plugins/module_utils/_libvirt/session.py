# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The daemon that a user has of their own, without root."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

RUNTIME = "XDG_RUNTIME_DIR"


def is_session(uri: str) -> bool:
    """Whether the URI is that of a user's own daemon."""
    return urlsplit(uri).path == "/session"


def runtime_directory(users: Path = Path("/run/user")) -> str | None:
    """The directory in which that daemon listens: as the environment tells, else the one that the login made.

    Where neither is, libvirt itself takes the user's cache directory. A user who is reached in two ways (su, cron, SSH)
    would otherwise have two daemons, of which one takes the guests of the other for shut off.
    """
    given = os.environ.get(RUNTIME)
    if given:
        return given
    directory = users / str(os.geteuid())
    with suppress(OSError):
        if directory.stat().st_uid == os.geteuid():
            return str(directory)
    return None


def prepare(uri: str) -> None:
    """Let libvirt find the daemon of this user, before its first call."""
    directory = runtime_directory() if is_session(uri) else None
    if directory:
        os.environ[RUNTIME] = directory
