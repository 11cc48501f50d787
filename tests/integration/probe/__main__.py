# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command C(probe_guest)."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

# The collection itself builds it; like command.py, this finds it without PYTHONPATH.
sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "build/collections"))

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._probe import build as probe


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
    except HypervisorError as error:
        print(f"probe_guest: {error}", file=sys.stderr)
        return 1
    print(json.dumps({name: str(path) for name, path in paths.items()}))
    return 0


def build(directory: Path, programs: list[str]) -> dict[str, Path]:
    """Write C(kernel) and C(initrd) into the directory. Whoever boots them meanwhile keeps the old files."""
    image = probe.build(directory, programs, devices=True)
    for name, source in {"kernel": image.kernel, "initrd": image.initrd}.items():
        partial = directory / f"{name}.{os.getpid()}.part"
        shutil.copyfile(source, partial)
        partial.replace(directory / name)
    return {name: directory / name for name in ("kernel", "initrd")}


if __name__ == "__main__":
    sys.exit(main())
