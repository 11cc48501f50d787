# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
import threading

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._guest.ssh import ANSWERS, REFUSED, knock


@pytest.fixture
def passed_on():
    """C(passed_on(greet)) -> the port of a server that is connected only when the client has said something."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def listen(greet: bool) -> int:
            def serve() -> None:
                with listener.accept()[0] as connection:
                    connection.settimeout(10)
                    if connection.recv(1024).startswith(b"SSH-2.0-") and greet:
                        connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

            threading.Thread(target=serve, daemon=True).start()
            return listener.getsockname()[1]

        yield listen


@pytest.mark.parametrize(("greet", "outcome"), [(True, ANSWERS), (False, REFUSED)])
def test_who_greets_is_greeted(passed_on, greet, outcome):
    assert knock("127.0.0.1", passed_on(greet)) == outcome
