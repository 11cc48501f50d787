# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What a long step is doing, one line at a time, for whoever watches."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Callable

from ._errors import HypervisorError

REACHED = "* "
"""How a line begins that is shown even where a newer one is there already."""


class Progress:
    """Appends lines to a file, one a second at most; nowhere where there is no file."""

    def __init__(self, path: str | None) -> None:
        self._path = Path(path) if path else None
        self._next = 0.0

    def say(self, text: str) -> None:
        """Append C(text), unless a line was written less than a second ago."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + 1.0
            self._append(text)

    def reach(self, text: str) -> None:
        """Append C(text), which is a step of its own and is shown whatever follows it."""
        self._append(REACHED + text)

    def _append(self, text: str) -> None:
        if self._path is None:
            return
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"{text}\n")
        except OSError as error:
            raise HypervisorError(
                f"progress_file {self._path} cannot be written ({error.strerror}): give a file in a directory"
                " that exists.",
                code="INVALID_OPTION",
            ) from error

    def reporter(self, what: str) -> Callable[[int, int | None], None]:
        """C(report(done, total)) that tells the amount, the speed, and the time left."""
        start = time.monotonic()
        first: list[int] = []

        def report(done: int, total: int | None) -> None:
            first[:] = first or [done]
            speed = (done - first[0]) / max(time.monotonic() - start, 0.001)
            text = f"{what}: {done >> 20} MiB"
            if total:
                text = f"{what}: {done >> 20} of {total >> 20} MiB, {100 * done // total} %"
            text += f", {speed / (1 << 20):.1f} MiB/s"
            self.say(text + (f", {(total - done) / speed:.0f} s left" if total and speed else ""))

        return report
