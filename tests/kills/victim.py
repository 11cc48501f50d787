# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run that dies without warning: all of its processes at once, none of which can tidy up.

A long module is a job that Ansible leaves to itself, and no process below the run: what all have is its environment.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Iterator, Mapping, Sequence

_MARK = "KILLS_VICTIM"
"""A variable that the processes of a run have, and what a daemon starts for it has not."""


class Victim:
    """A command that can be killed a while after it has printed a word."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command, self._environment = list(command), {**os.environ, **environment, _MARK: str(os.getpid())}

    def run(self) -> str:
        """Run it to its end; its output where it failed, else nothing."""
        done = subprocess.run(
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.output = done.stdout
        return done.stdout if done.returncode else ""

    def measure(self, word: str) -> float:
        """Run it to its end; the seconds that were left when it printed the word."""
        with self._start() as process:
            said = self._wait_for(process, word)
            start = time.monotonic()
            rest = process.stdout.read() if process.stdout else ""
        if process.returncode or not said:
            raise SystemExit(f"an undisturbed run failed, or did not say {word!r}:\n{rest}")
        return time.monotonic() - start

    def kill(self, word: str, seconds: float) -> str | None:
        """Kill it that many seconds after it printed the word; the last task that it began, None where it had ended."""
        with self._start() as process:
            self._wait_for(process, word)
            lines: list[str] = [word]
            reader = threading.Thread(target=lambda: lines.extend(process.stdout or ()), daemon=True)
            reader.start()
            time.sleep(seconds)
            ended = process.poll() is not None
            _kill_all()
            process.wait()
            reader.join(5)
        if ended:
            return None
        tasks = [line.partition("[")[2].partition("]")[0] for line in lines if line.startswith("TASK [")]
        return str(tasks[-1] if tasks else word)

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _wait_for(self, process: subprocess.Popen[str], word: str) -> bool:
        return any(word in line for line in process.stdout or ())


def moments(count: int, seconds: float, seed: int) -> Iterator[float]:
    """A random moment in each of C(count) equal parts of the time, in random order, the same for the same seed."""
    source = random.Random(seed)
    parts = list(range(count))
    source.shuffle(parts)
    for part in parts:
        yield (part + source.random()) * seconds / count


def _kill_all() -> None:
    """Kill all processes of the run. They are stopped first, so that none begins another meanwhile."""
    stopped: set[int] = set()
    while True:
        found = _marked() - stopped
        if not found:
            break
        for pid in found:
            _signal(pid, signal.SIGSTOP)
        stopped |= found
    for pid in stopped:
        _signal(pid, signal.SIGKILL)


def _marked() -> set[int]:
    mark = f"{_MARK}={os.getpid()}".encode()
    found = set()
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # it ended meanwhile
            if mark in path.read_bytes().split(b"\0"):
                found.add(int(path.parent.name))
    return found


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
