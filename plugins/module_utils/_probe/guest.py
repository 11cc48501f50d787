# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A running probe guest: what its console said and when, commands for it, and why it ended."""

from __future__ import annotations

import os
import re
import selectors
import subprocess
import tempfile
import time
from contextlib import suppress
from typing import Any, Callable, Sequence

from .._errors import HypervisorError
from .._host.probe import last_message

READY = re.compile(r"^READY ")
UP = re.compile(r"^GUEST-UP ")
END = re.compile(r"^=== END (\d+)$")


class Guest:
    """One QEMU process, which inherits C(files).

    C(lines) are what the console said, each with its time since the start.
    """

    def __init__(self, name: str, argv: Sequence[str], files: Sequence[int] = ()) -> None:
        self.name = name
        self.argv = list(argv)
        self.lines: list[tuple[float, str]] = []
        self._partial = b""
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed by end)
        self.started = time.monotonic()
        try:
            self.process = subprocess.Popen(
                self.argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
                pass_fds=files,
            )
        except OSError as error:
            self._errors.close()
            raise HypervisorError(
                f"{argv[0]} cannot be run: {error.strerror}. It belongs to the package util-linux.", "EXECUTION_FAILED"
            ) from error
        # Both are there, as they were asked for; the types of Popen cannot say that.
        self._input: Any = self.process.stdin
        self._output: Any = self.process.stdout

    @property
    def descriptor(self) -> int:
        """Where the console can be read."""
        return int(self._output.fileno())

    def read(self) -> bool:
        """Take what the console said; False where it has ended."""
        data = os.read(self.descriptor, 65536)
        now = time.monotonic() - self.started
        *whole, self._partial = (self._partial + data).split(b"\n")
        self.lines += [(now, line.decode("utf-8", "replace").rstrip("\r")) for line in whole]
        return bool(data)

    def send(self, line: str) -> None:
        """Have the guest run a line of shell."""
        with suppress(BrokenPipeError):  # it has ended: the console tells
            self._input.write(line.encode() + b"\n")
            self._input.flush()

    def when(self, pattern: re.Pattern[str], since: int = 0) -> float | None:
        """The time at which a line that matches was seen, None where there is none."""
        return next((seen for seen, line in self.lines[since:] if pattern.search(line)), None)

    def failure(self) -> HypervisorError:
        """Why it ended, when nobody had told it to."""
        self.process.wait()
        self._errors.seek(0)
        messages = self._errors.read().decode("utf-8", "replace")
        said = [line for _seen, line in self.lines] + [self._partial.decode("utf-8", "replace").strip()]
        details = {"command": self.argv, "console": said[-20:], "messages": messages[-2000:]}
        panic = [line for line in said if "Kernel panic" in line]
        if panic:
            return HypervisorError(f"The kernel of {self.name} panicked: {panic[0].strip()}", "KERNEL_PANIC", **details)
        if messages.strip():
            return HypervisorError(f"QEMU stopped {self.name}: {last_message(messages)}", "QEMU_FAILED", **details)
        return HypervisorError(
            f"{self.name} ended by itself; its console last said {self.last!r}.", "GUEST_ENDED", **details
        )

    @property
    def last(self) -> str:
        """The last thing that the console said."""
        said = [line for _seen, line in self.lines if line.strip()]
        return self._partial.decode("utf-8", "replace").strip() or (said[-1].strip() if said else "")

    def end(self) -> None:
        """End it, and forget its files."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for file in (self._input, self._output, self._errors):
            with suppress(OSError):
                file.close()


def wait(
    guests: Sequence[Guest],
    done: Callable[[Guest], bool],
    deadline: float,
    what: str,
    then: Callable[[Guest], None] = lambda _guest: None,
) -> None:
    """Read the consoles until each guest is C(done), and do C(then) with it at that moment.

    It is an error where one ends, or is not done at the C(deadline).
    """
    with selectors.DefaultSelector() as selector:
        for guest in guests:
            if done(guest):
                then(guest)
            else:
                selector.register(guest.descriptor, selectors.EVENT_READ, guest)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                raise _hang(next(iter(selector.get_map().values())).data, what)
            for key, _events in ready:
                guest = key.data
                if not guest.read():
                    raise guest.failure()
                if done(guest):
                    then(guest)
                    selector.unregister(key.fileobj)


def _hang(guest: Guest, what: str) -> HypervisorError:
    said = f"its console last said {guest.last!r}" if guest.last else "its console said nothing"
    return HypervisorError(
        f"{guest.name} did not {what} in time: {said}. Give a longer timeout, where the host is busy.",
        "TIMEOUT",
        command=guest.argv,
        console=[line for _seen, line in guest.lines][-20:],
    )
