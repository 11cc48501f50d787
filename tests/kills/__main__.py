# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command: each kind of run has a lab host of its own, and a closing line counts those that did not converge."""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from pathlib import Path

from support.module import CHECKOUT

from .saved import IMAGE, IMAGE_INSIDE

KINDS = sorted(path.stem for path in Path(__file__).parent.glob("*.yml"))
"""A kind is a playbook, with a module of the same name beside it."""

SLOW = {"saved"}
"""Kinds that boot whole systems, minutes for each kill: they run only where they are named."""

COUNT, QUICK = 50, 4


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        prog="kills",
        description="Kills runs at random moments, all processes at once, and sees that the next run converges.",
    )
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} kills of each kind instead of {COUNT}")
    parser.add_argument("--count", type=int, help="that many")
    parser.add_argument("--seed", type=int, help="the same moments as in the run that told this seed")
    parser.add_argument(
        "kinds", metavar="KIND", nargs="*", help=f"of {', '.join(KINDS)}; default: all but {', '.join(SLOW)}"
    )
    options = parser.parse_args()
    unknown = [kind for kind in options.kinds if kind not in KINDS]
    if unknown:
        parser.error(f"no such kind: {', '.join(unknown)}")
    kinds = options.kinds or [kind for kind in KINDS if kind not in SLOW]
    seed = options.seed if options.seed is not None else random.randrange(1 << 32)
    count = options.count or (QUICK if options.quick else COUNT)
    print(f"seed {seed}", flush=True)
    subprocess.run(
        [CHECKOUT / "tests/integration/probe_guest", CHECKOUT / "build/probe"], check=True, stdout=subprocess.DEVNULL
    )
    if "saved" in kinds:
        subprocess.run([CHECKOUT / "tests/integration/guest_image", IMAGE], check=True, stdout=subprocess.DEVNULL)
    verdicts = [verdict for kind in kinds for verdict in _lab_host(kind, count, seed)]
    print(f"{verdicts.count(True)} passed, {verdicts.count(False)} failed")
    return int(not all(verdicts))


def _lab_host(kind: str, count: int, seed: int) -> list[bool]:
    """Run one kind, show its lines, and tell which are good."""
    share = ["--share", f"{IMAGE}:{IMAGE_INSIDE}"] if kind == "saved" else []
    enter = [str(CHECKOUT / "tests/integration/labhost"), *share, "--libvirtd", "env", "-C", str(CHECKOUT / "tests")]
    command = [*enter, "/usr/bin/python3", "-B", "-m", "kills.inside", kind, str(count), str(seed)]
    verdicts = []
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            if line.startswith(("ok ", "FAIL ")):
                verdicts.append(line.startswith("ok "))
    if len(verdicts) < count:
        verdicts.append(False)
    return verdicts


if __name__ == "__main__":
    sys.exit(main())
