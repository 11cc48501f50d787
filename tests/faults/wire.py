# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A man in the middle between a module and the daemon, who does something to the daemon at a chosen call.

The module is run unchanged. It is given the socket of this wire instead of the daemon's; each of its messages is
looked at, counted and passed on. So "at call 7" is exact, and the call may have been carried out or not.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from pathlib import Path
from typing import Callable, Iterator

from support import protocol

_HEADER = struct.Struct(">IIIiII")
"""After the length: program, version, procedure, type, serial, status."""
_CALL, _REPLY = 0, 1

BEFORE, AFTER, DURING = "before", "after", "during"
"""The daemon has not seen the call; has answered it, and nobody hears it; has just begun with it."""
_BEGUN = 0.05

Fault = Callable[[], None]


class Wire:
    """Listens at C(path), and passes on to and from the daemon at C(target)."""

    def __init__(self, path: Path, target: str) -> None:
        self._path, self._target = path, target
        self._lock = threading.Lock()
        self._fault: tuple[int, str, Fault] | None = None
        self._sockets: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self.calls: list[tuple[int, int]] = []
        """(program, procedure) of each call so far."""

    def arm(self, number: int, when: str, fault: Fault) -> None:
        """Forget the calls so far; carry out the fault at call C(number), counted from 1."""
        self.calls.clear()
        self._fault = (number, when, fault)

    def disarm(self) -> bool:
        """Forget the calls so far, and let all pass. Whether the fault's call came."""
        with self._lock:
            came = self._fault is not None and len(self.calls) >= self._fault[0]
            self.calls.clear()
            self._fault = None
        return came

    def listen(self) -> None:
        """Be reachable, as a daemon that has just started."""
        self._path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self._path))
        listener.listen(16)
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def refuse(self) -> None:
        """Be as unreachable as a daemon that is dead, and drop all connections."""
        if self._listener is not None:
            _close(self._listener)
            self._listener = None
        with self._lock:
            sockets, self._sockets = self._sockets, []
        for each in sockets:
            _close(each)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _address = listener.accept()
            except OSError:
                return  # it was closed
            daemon = socket.socket(socket.AF_UNIX)
            try:
                daemon.connect(self._target)
            except OSError:
                _close(client)
                continue
            with self._lock:
                self._sockets += [client, daemon]
            conversation = _Conversation(self, client, daemon)
            for pump in (conversation.to_daemon, conversation.to_client):
                threading.Thread(target=pump, daemon=True).start()

    def at_call(self, program: int, procedure: int) -> tuple[str, Fault] | None:
        """Count a call; the fault that is due at it."""
        with self._lock:
            self.calls.append((program, procedure))
            if self._fault is None or len(self.calls) != self._fault[0]:
                return None
            _number, when, fault = self._fault
            return when, fault


class _Conversation:
    """One connection of the module, and its partner to the daemon."""

    def __init__(self, wire: Wire, client: socket.socket, daemon: socket.socket) -> None:
        self._wire, self._client, self._daemon = wire, client, daemon
        self._awaited: tuple[int, Fault] | None = None

    def to_daemon(self) -> None:
        """Pass on what the module says."""
        with _until_closed(self._client, self._daemon):
            for message in _messages(self._client):
                self._pass_on(message)

    def _pass_on(self, message: bytes) -> None:
        program, _version, procedure, kind, serial, _status = _HEADER.unpack_from(message, 4)
        due = None
        if kind == _CALL and program in (protocol.REMOTE, protocol.QEMU):
            due = self._wire.at_call(program, procedure)
        if due is None:
            self._daemon.sendall(message)
            return
        when, fault = due
        if when == BEFORE:
            fault()
        elif when == AFTER:
            self._awaited = (serial, fault)
        self._daemon.sendall(message)
        if when == DURING:
            threading.Event().wait(_BEGUN)
            fault()

    def to_client(self) -> None:
        """Pass on what the daemon says."""
        with _until_closed(self._client, self._daemon):
            for message in _messages(self._daemon):
                _program, _version, _procedure, kind, serial, _status = _HEADER.unpack_from(message, 4)
                if self._awaited and kind == _REPLY and serial == self._awaited[0]:
                    self._awaited[1]()
                    return
                self._client.sendall(message)


@contextlib.contextmanager
def _until_closed(*sockets: socket.socket) -> Iterator[None]:
    """Where one side goes, so does the other."""
    with contextlib.suppress(OSError):
        yield
    for each in sockets:
        _close(each)


def _close(each: socket.socket) -> None:
    with contextlib.suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()


def _messages(source: socket.socket) -> Iterator[bytes]:
    """The messages of one side, each with its length in front."""
    while True:
        length = _exactly(source, 4)
        if not length:
            return
        body = _exactly(source, struct.unpack(">I", length)[0] - 4)
        if not body:
            return
        yield length + body


def _exactly(source: socket.socket, number: int) -> bytes:
    """So many bytes; none where the other side closed."""
    parts = bytearray()
    while len(parts) < number:
        part = source.recv(number - len(parts))
        if not part:
            return b""
        parts += part
    return bytes(parts)
