# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a client of libvirt sent, read from the log that libvirt itself writes on the client's side."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable, Mapping

from support import protocol

_SENT = re.compile(r"RPC_CLIENT_MSG_TX_QUEUE: .* prog=(\d+) vers=\d+ proc=(\d+) type=(\d)")
_CALLS = {0, 4}
"""Types of a message that are a call; others are pieces of a stream."""

# The protocol's numbers. Opening is a conversation: which authentication, which features, and (virsh)
# to be told when the daemon closes. It counts as one call, and so does closing.
_HANDSHAKE = {protocol.OPEN, 60, 66, 67, 68, 69, 70, 360}
_FAREWELL = {protocol.CLOSE, 361}


@dataclass(frozen=True)
class Calls:
    """What was sent: connections, other calls by name in their order, and messages of any kind."""

    opened: int
    closed: int
    others: tuple[str, ...]
    messages: int

    @property
    def count(self) -> int:
        """Remote procedure calls, where opening and closing are one each."""
        return self.opened + self.closed + len(self.others)

    def __str__(self) -> str:
        counted = Counter(self.others)
        names = [name if number == 1 else f"{number} x {name}" for name, number in counted.items()]
        return ", ".join(["open", *names, *(["close"] if self.closed else [])])


def logging_to(path: Path) -> Mapping[str, str]:
    """The environment in which a client of libvirt logs there what it sends."""
    return {"LIBVIRT_LOG_FILTERS": "2:rpc", "LIBVIRT_LOG_OUTPUTS": f"2:file:{path}"}


def read(path: Path) -> Calls:
    """The log of any number of clients, one after the other."""
    with path.open(errors="replace") as lines:
        return count(lines)


def count(lines: Iterable[str]) -> Calls:
    """What the lines of a log tell."""
    opened = closed = messages = 0
    others = []
    for line in lines:
        found = _SENT.search(line)
        if not found:
            continue
        program, procedure, kind = map(int, found.groups())
        messages += 1
        if kind not in _CALLS or program not in (protocol.REMOTE, protocol.QEMU):
            continue
        if program == protocol.REMOTE and procedure in _HANDSHAKE | _FAREWELL:
            opened += procedure == protocol.OPEN
            closed += procedure == protocol.CLOSE
        else:
            others.append(protocol.name(program, procedure))
    return Calls(opened, closed, tuple(others), messages)
