# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""C(watch.py WORDS DIRECTORY END): tells of what others could see, until there is a file C(END).

That is a process with one of the words, which the file C(WORDS) has, in its arguments or its environment,
and a file in the directory that has one and that others may read.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Iterator

LARGE = 1 << 24


def processes(words: list[bytes]) -> Iterator[str]:
    """The processes with a word."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            told = (path / "cmdline").read_bytes() + (path / "environ").read_bytes()
        except OSError:
            continue  # it ended meanwhile
        if any(word in told for word in words):
            yield f"process: {told[:200]!r}"


def files(words: list[bytes], directory: Path) -> Iterator[str]:
    """The files with a word that others may read."""
    for path in directory.rglob("*"):
        try:
            status = path.stat()
            told = path.read_bytes() if path.is_file() and status.st_size < LARGE else b""
        except OSError:
            continue  # it was removed or renamed meanwhile
        if status.st_mode & 0o077 and any(word in told for word in words):
            yield f"file: {path}"


def main() -> None:
    """Entry point."""
    words, directory, end = Path(sys.argv[1]).read_bytes().split(), Path(sys.argv[2]), Path(sys.argv[3])
    seen: set[str] = set()
    looks = 0
    while not end.exists():
        seen.update(processes(words), files(words, directory))
        looks += 1
        time.sleep(0.1)
    print("\n".join([f"looks: {looks}", *sorted(seen)]))


if __name__ == "__main__":
    main()
