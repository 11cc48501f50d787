# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""One connection a run: opened with a deadline, kept alive by an event loop, closed at the end."""

from __future__ import annotations

import getpass
import threading
from contextlib import contextmanager, suppress
from typing import Any, Iterator
from urllib.parse import urlsplit

from .._deps import libvirt
from .._errors import HypervisorError
from .errors import explain

_loop_started = False
_loop_lock = threading.Lock()


def _start_event_loop() -> None:
    """Events and keep-alive need a loop; without one a stopped daemon would block a call for ever."""
    global _loop_started
    with _loop_lock:  # the inventory connects to several hypervisors at the same time
        if _loop_started:
            return
        libvirt.virEventRegisterDefaultImpl()

        def loop() -> None:
            while True:
                libvirt.virEventRunDefaultImpl()

        threading.Thread(target=loop, name="libvirt-events", daemon=True).start()
        _loop_started = True


def _silence(_context: Any, _error: Any) -> None:
    """libvirt prints each error to stderr unless it is given a handler; ours are raised instead."""


def _open(uri: str, readonly: bool, timeout: int) -> Any:
    """Open in a thread, since opening itself blocks while the daemon is stopped."""
    outcome: list[Any] = []

    def work() -> None:
        try:
            outcome.append(libvirt.openReadOnly(uri) if readonly else libvirt.open(uri))
        except libvirt.libvirtError as error:
            outcome.append(error)

    thread = threading.Thread(target=work, name="libvirt-open", daemon=True)
    thread.start()
    thread.join(timeout)
    if not outcome:
        raise HypervisorError(
            f"libvirt at {uri} did not answer within {timeout} s: check that its daemon runs and is not stopped.",
            "CONNECTION_TIMEOUT",
            uri=uri,
        )
    if isinstance(outcome[0], libvirt.libvirtError):
        cause = explain(outcome[0], f"connecting to {uri} as user {getpass.getuser()}")
        raise HypervisorError(
            f"{cause} Check the URI, that libvirtd runs, and that this user may use it"
            " (become: true, or the libvirt group).",
            "CONNECTION_FAILED",
            uri=uri,
            **cause.details,
        ) from outcome[0]
    return outcome[0]


@contextmanager
def connect(uri: str, timeout: int = 60, readonly: bool = False) -> Iterator[Any]:
    """A libvirt connection (libvirt.virConnect) for the block.

    Modules pass C(readonly=check_mode): libvirt itself then guarantees that check mode changes nothing.
    """
    libvirt.registerErrorHandler(_silence, None)
    _start_event_loop()
    connection = _open(uri, readonly, timeout)
    # A quarter of the deadline, four times unanswered, is the deadline. The test driver has no
    # transport to keep alive and says so with -1 or an error.
    with suppress(libvirt.libvirtError):
        connection.setKeepAlive(max(1, timeout // 4), 3)
    try:
        yield connection
    finally:
        # Where it is already broken, the cause was raised where it happened.
        with suppress(libvirt.libvirtError):
            connection.close()


def is_local(connection: Any) -> bool:
    """Whether files and routes of this machine are those of the hypervisor; the test driver has none."""
    uri = urlsplit(connection.getURI())
    return not uri.hostname and uri.scheme != "test"
