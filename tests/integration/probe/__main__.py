# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command C(probe_guest)."""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from pathlib import Path

from . import cpio, kernel
from .tree import MODULES, tree


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        prog="probe_guest",
        description="Builds the probe guest and prints the paths of its kernel and initrd as JSON. "
        "The kernel's package is kept in DIRECTORY and fetched once.",
    )
    parser.add_argument("directory", metavar="DIRECTORY", type=Path)
    parser.add_argument(
        "--with", dest="programs", metavar="PROGRAM", action="append", default=[], help="put a program in"
    )
    options = parser.parse_args()
    try:
        options.directory.mkdir(parents=True, exist_ok=True)
        paths = build(options.directory.resolve(), options.programs)
    except kernel.ProbeError as error:
        print(f"probe_guest: {error}", file=sys.stderr)
        return 1
    print(json.dumps({name: str(path) for name, path in paths.items()}))
    return 0


def build(directory: Path, programs: list[str]) -> dict[str, Path]:
    """Write C(kernel) and C(initrd) into the directory. Whoever boots them meanwhile keeps the old files."""
    unpacked = kernel.unpack(kernel.packages(), directory)
    files = tree(kernel.modules(unpacked, MODULES), programs)
    content = {"kernel": kernel.image(unpacked), "initrd": gzip.compress(cpio.archive(files), 6, mtime=0)}
    for name, data in content.items():
        partial = directory / f"{name}.part"
        partial.write_bytes(data)
        partial.replace(directory / name)
    return {name: directory / name for name in content}


if __name__ == "__main__":
    sys.exit(main())
