# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands for the guests that modules look at."""

from __future__ import annotations

import socket
import threading
import time

import pytest


@pytest.fixture
def server():
    """A port at which the given greeting is said."""
    sockets = []

    def listen(greeting: bytes) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        sockets.append(listener)

        def serve() -> None:
            while True:
                try:
                    with listener.accept()[0] as connection:
                        connection.sendall(greeting)
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        return listener.getsockname()[1]

    yield listen
    for listener in sockets:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.fixture
def slow_server():
    """A port at which an SSH server greets after so many seconds."""
    listeners = []

    def listen(seconds: float) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve() -> None:
            with listener.accept()[0] as connection:
                time.sleep(seconds)
                connection.sendall(b"SSH-2.0-slow\r\n")

        threading.Thread(target=serve, daemon=True).start()
        return listener.getsockname()[1]

    yield listen
    for listener in listeners:
        listener.close()
