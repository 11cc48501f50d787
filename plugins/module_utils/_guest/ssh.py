# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Whether an SSH server answers, and if not, how it does not."""

from __future__ import annotations

import errno
import select
import socket
import time
from contextlib import suppress

ANSWERS, REFUSED, UNREACHABLE = "answers", "ssh_refused", "ssh_unreachable"
NO_BANNER, SILENT = "ssh_no_banner", "ssh_silent"

CONNECT = 1.0
"""Seconds for a connection: the kernel would ask again less and less often, however long the address has been there."""

BANNER = 15.0
"""Seconds for the server's greeting; an emulated one needs some, and each new connection costs it a process more."""

GREETING = b"SSH-2.0-mini.hypervisor\r\n"
"""Either side may greet first (RFC 4253, 4.2). passt of Debian 12 connects to a guest only those who say something."""


def is_forwarded(address: str) -> bool:
    """Whether this machine passes connections on, and so takes them whether or not there is anybody behind."""
    return address.startswith("127.")


class Knock:
    """One connection that greets a server and waits for its greeting, and never blocks."""

    def __init__(self, address: str, port: int, connect: float = CONNECT) -> None:
        self._received = b""
        self._forwarded = is_forwarded(address)
        self._until = time.monotonic() + connect
        self.awaited = select.POLLOUT
        """What the socket is polled for."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        try:
            self._error = self._socket.connect_ex((address, port))
        except OSError:  # a name that does not resolve
            self._error = errno.EHOSTUNREACH

    def fileno(self) -> int:
        """The socket, to be polled."""
        return self._socket.fileno()

    def outcome(self) -> str | None:
        """How it ended, None while it is under way."""
        found = self._connected() if self.awaited == select.POLLOUT else self._greeted()
        if found is None and time.monotonic() >= self._until:
            found = self.so_far
        return found

    @property
    def so_far(self) -> str:
        """How it has ended where nothing more comes."""
        if self.awaited == select.POLLOUT:
            return UNREACHABLE
        return SILENT if self._forwarded and not self._received else NO_BANNER

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _connected(self) -> str | None:
        if self._error in (0, errno.EINPROGRESS):
            poll = select.poll()
            poll.register(self._socket, select.POLLOUT)
            if not poll.poll(0):
                return None
            self._error = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if self._error:
            return REFUSED if self._error == errno.ECONNREFUSED else UNREACHABLE
        self.awaited, self._until = select.POLLIN, time.monotonic() + BANNER
        with suppress(OSError):  # whoever hung up already is read from
            self._socket.send(GREETING)
        return self._greeted()

    def _greeted(self) -> str | None:
        """Read until the server's C(SSH-) line; it may send other lines before (RFC 4253, 4.2)."""
        while len(self._received) < 8192:
            try:
                chunk = self._socket.recv(1024)
            except BlockingIOError:
                return None
            except OSError:
                break
            self._received += chunk
            if any(line.startswith(b"SSH-") for line in self._received.splitlines()):
                return ANSWERS
            if not chunk:
                break
        # Whoever passes connections on tells of a refusal by hanging up.
        return REFUSED if self._forwarded and not self._received else NO_BANNER


def knock(address: str, port: int) -> str:
    """The outcome of one knock that is waited for."""
    trying = Knock(address, port)
    try:
        while True:
            found = trying.outcome()
            if found is not None:
                return found
            time.sleep(0.01)
    finally:
        trying.close()
