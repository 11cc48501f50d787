# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Sleeping until something may have happened to a guest: by libvirt, its console or its SSH server."""

from __future__ import annotations

import ctypes
import os
import select
from contextlib import suppress
from pathlib import Path
from typing import Any

from .._deps import libvirt
from .ssh import Knock

# Of sys/inotify.h.
_IN_MODIFY = 0x2
_NONBLOCK, _CLOEXEC = os.O_NONBLOCK, os.O_CLOEXEC


class Bell:
    """Rings for the domain's life cycle and its agent's, and for what is written to the console's log."""

    def __init__(self, connection: Any, domain: Any, log: Path | None) -> None:
        self._connection, self._log = connection, log
        self._rung, self._ring = os.pipe2(_NONBLOCK | _CLOEXEC)
        self._libc = ctypes.CDLL(None)
        self._inotify = self._libc.inotify_init1(_NONBLOCK | _CLOEXEC)
        self._registered = [
            found
            for event in (libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, libvirt.VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE)
            for found in self._register(domain, event)
        ]
        self._listen()

    def _register(self, domain: Any, event: int) -> list[int]:
        with suppress(libvirt.libvirtError):  # without this kind of event, the next look comes a little later
            return [self._connection.domainEventRegisterAny(domain, event, self._told, None)]
        return []

    def _told(self, *_anything: Any) -> None:
        with suppress(OSError):  # full, or closed at the end of the wait: nobody has to be woken
            os.write(self._ring, b"!")

    def _listen(self) -> None:
        """Watch the log, which may be a new file by now; one that is watched already stays so."""
        if self._inotify >= 0 and self._log is not None:
            self._libc.inotify_add_watch(self._inotify, os.fsencode(self._log), _IN_MODIFY)

    def wait(self, seconds: float, knock: Knock | None) -> None:
        """Sleep until it rings, the server behind C(knock) moved, or for so long."""
        self._listen()
        poll = select.poll()
        for descriptor in (self._rung, self._inotify):
            if descriptor >= 0:
                poll.register(descriptor, select.POLLIN)
        if knock is not None:
            poll.register(knock.fileno(), knock.awaited)
        poll.poll(1000 * seconds)
        for descriptor in (self._rung, self._inotify):
            with suppress(OSError):  # nothing is there
                os.read(descriptor, 65536)

    def close(self) -> None:
        """Deregister, and give back what was opened."""
        for found in self._registered:
            with suppress(libvirt.libvirtError):  # the connection may be gone, and the events with it
                self._connection.domainEventDeregisterAny(found)
        for descriptor in (self._rung, self._ring, self._inotify):
            with suppress(OSError):
                os.close(descriptor)
