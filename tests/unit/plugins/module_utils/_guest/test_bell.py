# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import select
import socket
import threading
import time
from pathlib import Path

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._guest.bell import Bell
from ansible_collections.mini.hypervisor.plugins.module_utils._guest.ssh import ANSWERS, Knock
from ansible_collections.mini.hypervisor.plugins.module_utils._libvirt.connection import connect

FOR_EVER = 60


@pytest.fixture
def guest():
    """The test driver's domain on a connection that hears of events."""
    with connect("test:///default") as connection:
        yield connection, connection.lookupByName("test")


@pytest.fixture
def bell(guest, tmp_path):
    made = Bell(*guest, tmp_path / "console.log")
    yield made
    made.close()


def rings(bell, knock):
    """Whether it does before the time is over."""
    start = time.monotonic()
    bell.wait(FOR_EVER, knock)
    return time.monotonic() < start + FOR_EVER


def test_it_rings_for_a_line_on_the_console_even_where_the_log_was_not_there(bell, tmp_path):
    bell.wait(0, None)
    (tmp_path / "console.log").write_text("one\n")
    bell.wait(0, None)  # from now on it is watched
    threading.Timer(0.1, (tmp_path / "console.log").open("a", buffering=1).write, ["two\n"]).start()
    assert rings(bell, None)


def test_it_rings_for_what_libvirt_tells(bell, guest):
    threading.Timer(0.1, guest[1].suspend).start()
    assert rings(bell, None)


def test_it_rings_for_the_answer_of_the_server(bell):
    with socket.create_server(("127.0.0.1", 0)) as server:
        knock = Knock(*server.getsockname())
        while knock.outcome() is None and knock.awaited == select.POLLOUT:
            bell.wait(FOR_EVER, knock)
        accepted = server.accept()[0]
        threading.Timer(0.1, accepted.sendall, [b"SSH-2.0-x\r\n"]).start()
        bell.wait(FOR_EVER, knock)
        assert knock.outcome() == ANSWERS
        knock.close()
        accepted.close()


def test_nothing_stays_open(guest, tmp_path):
    before = len(list(Path("/proc/self/fd").iterdir()))
    Bell(*guest, tmp_path / "console.log").close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
