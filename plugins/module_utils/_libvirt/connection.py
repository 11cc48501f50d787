# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""One connection a run: opened with a deadline, kept alive by an event loop, closed at the end.

Where the daemon is restarted meanwhile, the run begins again on a new connection, once.
"""

from __future__ import annotations

import getpass
import threading
import time
from contextlib import contextmanager, nullcontext, suppress
from typing import Any, Callable, Iterator, Mapping
from urllib.parse import urlsplit

from .._deps import LIBXML2, libvirt
from .._errors import HypervisorError
from . import session
from .errors import DISCONNECTED, explain

Work = Callable[[Any], Mapping[str, Any]]

BACK = 10.0
"""Seconds within which a daemon that broke the connection is expected back."""

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
    session.prepare(uri)
    outcome: list[Any] = []
    # Of all drivers, the test driver with a path reads a file in this process.
    reading = LIBXML2 if urlsplit(uri).scheme == "test" else nullcontext()

    def work() -> None:
        try:
            with reading:
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
    with _kept_alive(_open(uri, readonly, timeout), uri, timeout) as connection:
        yield connection


def connected(work: Work, options: Mapping[str, Any], readonly: bool) -> Mapping[str, Any]:
    """The result of C(work(connection)), which reads before it changes anything, as a run of a module does.

    Where the daemon goes away meanwhile, the work is done once more from its beginning, as a user would do it: what
    was carried out before is read then, and not done again. The result tells what both have changed.
    """
    uri, timeout = options["uri"], options["timeout"]
    try:
        with connect(uri, timeout, readonly) as connection:
            return work(connection)
    except HypervisorError as lost:
        if lost.code != DISCONNECTED:
            raise
        with _kept_alive(_reopen(uri, readonly, timeout, lost), uri, timeout) as connection:
            return together(lost.attempted, work(connection))


@contextmanager
def _kept_alive(connection: Any, uri: str, timeout: int) -> Iterator[Any]:
    """The connection during the block, closed at its end; an error that broke it names the URI."""
    # An eighth of the deadline, four times unanswered, is half of it; the other half is for a daemon that comes
    # back. The test driver has no transport to keep alive and says so with -1 or an error.
    with suppress(libvirt.libvirtError):
        connection.setKeepAlive(max(1, timeout // 8), 3)
    try:
        yield connection
    except HypervisorError as error:
        if error.code == DISCONNECTED and "uri" not in error.details:
            error.details["uri"] = uri
            error.args = (f"{error} The connection was to {uri}.",)
        raise
    finally:
        # Where it is already broken, the cause was raised where it happened.
        with suppress(libvirt.libvirtError):
            connection.close()


def _reopen(uri: str, readonly: bool, timeout: int, lost: HypervisorError) -> Any:
    """A new connection to a daemon that is being restarted. One that hangs or stays away is the error that it was."""
    deadline = time.monotonic() + min(BACK, timeout)
    pause = 0.1
    while True:
        try:
            return _open(uri, readonly, max(1, timeout // 2))
        except HypervisorError as error:
            if error.code == "CONNECTION_TIMEOUT" or time.monotonic() + pause > deadline:
                raise lost from lost.__cause__
        time.sleep(pause)
        pause = min(2 * pause, 1.0)


def together(first: Mapping[str, Any], second: Mapping[str, Any]) -> Mapping[str, Any]:
    """The result of a run that was interrupted on its way to C(first), and then ended with C(second). Pure."""
    if not first:
        return second
    changes = {change["path"]: change for change in first["changes"]}
    for change in second["changes"]:
        began = changes.get(change["path"], change)
        changes[change["path"]] = {**change, "before": began["before"]}
    diff = {**second["diff"], "before": first["diff"]["before"]}
    changed = first["changed"] or second["changed"]
    return {**second, "changed": changed, "changes": list(changes.values()), "diff": diff}


def is_local(connection: Any) -> bool:
    """Whether files and routes of this machine are those of the hypervisor; the test driver has none."""
    uri = urlsplit(connection.getURI())
    return not uri.hostname and uri.scheme != "test"
