# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A long command that is watched: its lines are told, its time is bounded, its last words are kept."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections import deque
from pathlib import Path
from typing import Any, Callable, Iterator, Sequence

from .._errors import HypervisorError

_LAST_LINES = 25
_TELLING = ("E:", "W: GPG", "dpkg:", "unshare:", "setpriv:")
"""Beginnings of the lines that say why."""


def watch(
    argv: Sequence[str], stdin: Path, timeout: int, on_line: Callable[[str], None], tick: Callable[[], None]
) -> None:
    """Run the command to its end; C(on_line) gets each line it prints, C(tick) is called at least once a second."""
    deadline = time.monotonic() + timeout
    last: deque[str] = deque(maxlen=_LAST_LINES)
    with stdin.open("rb") as source, subprocess.Popen(
        list(argv),
        stdin=source,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"},
    ) as process:
        try:
            for line in _lines(process, deadline, tick):
                last.append(line)
                on_line(line)
            rc = process.wait(max(1.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired as error:
            raise _failed(f"did not end within {timeout} s", last) from error
        finally:
            process.kill()  # does nothing to a process that ended
    if rc:
        raise _failed(f"failed ({rc})", last)


def _lines(process: subprocess.Popen[bytes], deadline: float, tick: Callable[[], None]) -> Iterator[str]:
    stream: Any = process.stdout
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while True:
            tick()
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(process.args, 0)
            if not selector.select(1.0):
                continue
            data = os.read(stream.fileno(), 1 << 16)
            *complete, rest = (rest + data).split(b"\n")
            if not data and rest:
                complete = [rest]
            for line in complete:
                yield line.decode("utf-8", "replace").rstrip()
            if not data:
                return


def _failed(how: str, last: Sequence[str]) -> HypervisorError:
    told = [line for line in last if line.startswith(_TELLING)] or last
    return HypervisorError(
        f"Installing the image {how}: {' / '.join(line[:300] for line in list(told)[-5:]) or 'no output'}.",
        code="BUILD_FAILED",
        log=list(last),
    )
