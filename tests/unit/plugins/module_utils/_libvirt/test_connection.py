# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections that open, that do not, and that break."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path
from typing import Any, Iterator

import libvirt
import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._deps import LIBXML2
from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._libvirt.connection import (
    connect,
    connected,
    together,
)
from ansible_collections.mini.hypervisor.plugins.module_utils._libvirt.errors import DISCONNECTED

OPTIONS = {"uri": "test:///default", "timeout": 2}


class Worker:
    """Work that loses the daemon as often as it is told to, and counts how often it was begun."""

    def __init__(self, losses: int, code: str = DISCONNECTED) -> None:
        self.losses, self.code, self.begun = losses, code, 0

    def __call__(self, connection: libvirt.virConnect) -> dict[str, Any]:
        assert connection.getHostname()
        self.begun += 1
        if self.begun <= self.losses:
            raise HypervisorError("Error while defining domain web: end of file.", self.code)
        return {"changed": False}


def result(before: str, after: str, *changes: tuple[str, Any, Any]) -> dict[str, Any]:
    """A module's result."""
    listed = [{"path": path, "before": old, "after": new, "applied": "live"} for path, old, new in changes]
    return {"changed": bool(changes), "changes": listed, "diff": {"before": before, "after": after}}


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[socket.socket]:
    """A socket in place of a daemon's."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "sock"))
        server.listen()
        yield server


def uri(listener: socket.socket) -> str:
    """The URI of a daemon that listens there."""
    return f"qemu+unix:///system?socket={listener.getsockname()}"


def test_work_that_loses_nothing_is_done_once() -> None:
    """The usual case."""
    worker = Worker(losses=0)
    assert connected(worker, OPTIONS, readonly=False) == {"changed": False}
    assert worker.begun == 1


def test_work_that_loses_the_daemon_is_done_again() -> None:
    """From its beginning, on a new connection."""
    worker = Worker(losses=1)
    assert connected(worker, OPTIONS, readonly=False) == {"changed": False}
    assert worker.begun == 2


def test_a_daemon_that_is_lost_twice_is_an_error() -> None:
    """Perhaps it dies of what it is asked for."""
    worker = Worker(losses=9)
    with pytest.raises(HypervisorError, match="The connection was to test:///default") as caught:
        connected(worker, OPTIONS, readonly=False)
    assert (worker.begun, caught.value.code, caught.value.details["uri"]) == (2, DISCONNECTED, "test:///default")


def test_any_other_error_is_not_tried_again() -> None:
    """It would only happen again."""
    worker = Worker(losses=1, code="WOULD_LOSE")
    with pytest.raises(HypervisorError):
        connected(worker, OPTIONS, readonly=False)
    assert worker.begun == 1


def test_what_was_done_before_the_loss_is_told() -> None:
    """A run that finds all done after a loss has done it itself."""
    begun = []

    def work(_connection: libvirt.virConnect) -> dict[str, Any]:
        begun.append(None)
        if len(begun) == 1:
            error = HypervisorError("Lost.", DISCONNECTED)
            error.attempted = result("", "new", ("state", "absent", "running"))
            raise error
        return result("new", "new")

    told = connected(work, OPTIONS, readonly=False)
    assert told == result("", "new", ("state", "absent", "running"))


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ({}, result("a", "a"), result("a", "a")),
        (result("a", "c", ("x", 1, 2)), result("c", "c"), result("a", "c", ("x", 1, 2))),
        (
            result("a", "c", ("x", 1, 2), ("y", 3, 4)),
            result("b", "c", ("y", 3, 4)),
            result("a", "c", ("x", 1, 2), ("y", 3, 4)),
        ),
        (result("a", "a"), result("a", "a"), result("a", "a")),
        # Where half a change was seen, the whole one is told.
        (result("a", "c", ("x", 1, 3)), result("b", "c", ("x", 2, 3)), result("a", "c", ("x", 1, 3))),
    ],
)
def test_results_of_two_runs_become_one(first: Any, second: Any, told: Any) -> None:
    """What was at the beginning of the first, and at the end of the second."""
    assert together(first, second) == told


def test_a_daemon_that_does_not_answer_is_an_error_in_time(listener: socket.socket) -> None:
    """Opening blocks for ever by itself."""
    start = time.monotonic()
    with pytest.raises(HypervisorError, match="did not answer within 1 s") as caught, connect(uri(listener), 1):
        pass
    assert caught.value.code == "CONNECTION_TIMEOUT"
    assert time.monotonic() - start < 30


def test_a_daemon_that_hangs_up_is_an_error(listener: socket.socket) -> None:
    """The message names the URI, the user and what to check."""

    def hang_up() -> None:
        caller, _address = listener.accept()
        caller.close()

    threading.Thread(target=hang_up, daemon=True).start()
    with pytest.raises(HypervisorError, match="Check the URI") as caught, connect(uri(listener), 5):
        pass
    assert caught.value.code == "CONNECTION_FAILED"
    assert uri(listener) in str(caught.value)


def test_a_daemon_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """At once: nobody waits for a daemon that did not run when the work began."""
    missing = f"qemu+unix:///system?socket={tmp_path}/none"
    with pytest.raises(HypervisorError) as caught:
        connected(Worker(losses=0), {"uri": missing, "timeout": 60}, readonly=True)
    assert caught.value.code == "CONNECTION_FAILED"


def test_a_read_only_connection_changes_nothing() -> None:
    """libvirt itself guarantees that check mode does not."""
    with connect("test:///default", 5, readonly=True) as connection, pytest.raises(libvirt.libvirtError):
        connection.lookupByName("test").destroy()


def test_a_file_of_the_test_driver_is_not_read_while_lxml_parses(tmp_path: Path) -> None:
    """Each may crash the process of the other: see LIBXML2."""
    path = tmp_path / "host.xml"
    path.write_text("<node/>")
    with LIBXML2, pytest.raises(HypervisorError, match="did not answer within 1 s"), connect(f"test://{path}", 1):
        pass
    with connect(f"test://{path}", 60) as connection:
        assert connection.listAllDomains(0) == []
