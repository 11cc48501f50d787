# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command: each figure with its target, and whether it is met."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from support.module import CHECKOUT

from .cases import CASES, image
from .lab import Lab


def main() -> int:
    """Entry point. A figure that is missed is told, not a failure: it depends on what else the machine does."""
    parser = argparse.ArgumentParser(
        prog="bench.guests", description="Measures guests on demand. Run it in a lab host."
    )
    parser.add_argument("--images", type=Path, default=CHECKOUT / "build/bench-images", help="where images are kept")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(CASES)}; all where none is named")
    options = parser.parse_args()
    unknown = set(options.cases) - set(CASES)
    if unknown:
        parser.error(f"there is no case {', '.join(sorted(unknown))}")
    start = time.monotonic()
    print("guests on demand, under TCG; each figure with its target:", flush=True)

    told: list[str] = []

    def tell(what: str, figure: float, target: float, how: str) -> None:
        met = "met" if figure <= target else "MISSED"
        told.append(f"{what:48} {figure:7.3f}  (at most {target:g}): {met:6}  {how}")
        print(told[-1], flush=True)

    with tempfile.TemporaryDirectory() as directory:
        lab = Lab(Path(directory), options.images)
        base = image(lab)
        for name in options.cases or CASES:
            print(f"{name} ({time.monotonic() - start:.0f} s so far)", flush=True)
            CASES[name](lab, base, tell)
    print("", *told, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
