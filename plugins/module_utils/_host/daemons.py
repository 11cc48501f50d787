# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""libvirt's daemons: which are installed, run, and listen."""

from __future__ import annotations

import socket
from pathlib import Path
from shutil import which
from typing import Any

from .files import read

SOCKETS = {
    "libvirtd": "/run/libvirt/libvirt-sock",
    "virtqemud": "/run/libvirt/virtqemud-sock",
    "virtnetworkd": "/run/libvirt/virtnetworkd-sock",
    "virtstoraged": "/run/libvirt/virtstoraged-sock",
    "virtlogd": "/run/libvirt/virtlogd-sock",
    "virtlockd": "/run/libvirt/virtlockd-sock",
}
"""Daemon -> the socket on which it serves; libvirtd is all of the modular ones in one."""

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where daemons are, also for users whose PATH lacks the sbin directories."""


def binary(name: str) -> str | None:
    """The daemon's program, None where it is not installed."""
    return which(name, path=PATH)


def is_listening(name: str) -> bool:
    """True where something accepts connections on the daemon's socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(1)
        try:
            client.connect(SOCKETS[name])
        except OSError:
            return False
    return True


def describe() -> list[dict[str, Any]]:
    """The installed daemons. With systemd one may listen without running: its first client starts it."""
    running = {read(comm).strip() for comm in Path("/proc").glob("[0-9]*/comm")}
    return [
        {"name": name, "socket": path, "running": name in running, "listening": is_listening(name)}
        for name, path in SOCKETS.items()
        if binary(name)
    ]
