# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Whether an SSH server answers, and if not, how it does not."""

from __future__ import annotations

import socket
import time

ANSWERS, REFUSED, UNREACHABLE, NO_BANNER = "answers", "ssh_refused", "ssh_unreachable", "ssh_no_banner"


def knock(address: str, port: int, timeout: float) -> str:
    """Connect and read until the server's C(SSH-) line; a server may send other lines before it (RFC 4253, 4.2)."""
    deadline = time.monotonic() + timeout
    try:
        with socket.create_connection((address, port), timeout) as connection:
            return _banner(connection, deadline)
    except ConnectionRefusedError:
        return REFUSED
    except OSError:
        return UNREACHABLE


def _banner(connection: socket.socket, deadline: float) -> str:
    received = b""
    while b"SSH-" not in received and len(received) < 8192:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            return NO_BANNER
        connection.settimeout(remaining)
        try:
            chunk = connection.recv(1024)
        except OSError:
            return NO_BANNER
        if not chunk:
            return NO_BANNER
        received += chunk
    return ANSWERS if any(line.startswith(b"SSH-") for line in received.splitlines()) else NO_BANNER
