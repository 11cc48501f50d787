# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a client of libvirt sent, read from the log that libvirt itself writes on the client's side."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Iterable, Mapping

_SENT = re.compile(r"RPC_CLIENT_MSG_TX_QUEUE: .* prog=(\d+) vers=\d+ proc=(\d+) type=(\d)")
_REMOTE, _QEMU = 0x20008086, 0x20008087
_CALLS = {0, 4}
"""Types of a message that are a call; others are pieces of a stream."""

# The protocol's numbers. Opening is a conversation: which authentication, which features, and (virsh)
# to be told when the daemon closes. It counts as one call, and so does closing.
_OPEN, _CLOSE = 1, 2
_HANDSHAKE = {_OPEN, 60, 66, 67, 68, 69, 70, 360}
_FAREWELL = {_CLOSE, 361}

_NAMES = Path("/usr/share/systemtap/tapset/libvirt_functions.stp")
"""libvirt's daemon installs the names of the calls for those who trace it."""


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
        if kind not in _CALLS or program not in (_REMOTE, _QEMU):
            continue
        if program == _REMOTE and procedure in _HANDSHAKE | _FAREWELL:
            opened += procedure == _OPEN
            closed += procedure == _CLOSE
        else:
            others.append(_names().get((program, procedure), f"procedure {procedure}"))
    return Calls(opened, closed, tuple(others), messages)


@lru_cache(maxsize=None)
def _names() -> Mapping[tuple[int, int], str]:
    """The names of the calls by program and number; none where libvirt did not install them."""
    names: dict[tuple[int, int], str] = {}
    program = procedure = 0
    for line in _NAMES.read_text().splitlines() if _NAMES.exists() else []:
        number = re.search(r"(program|proc) == (\d+)", line)
        name = re.search(r'procstr = "(\w+)"', line)
        if number and number[1] == "program":
            program = int(number[2])
        elif number:
            procedure = int(number[2])
        elif name:
            names[program, procedure] = name[1]
    return names
