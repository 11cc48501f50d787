# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command: several lab hosts share the scenarios, and a closing line counts the faults."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from support.module import CHECKOUT

from .scenarios import SCENARIOS

LAB_HOSTS = 4
"""At the same time; they mostly wait for deadlines."""


def main() -> int:
    """Entry point."""
    names = [scenario.name for scenario in SCENARIOS]
    parser = argparse.ArgumentParser(
        prog="faults",
        description="Kills and stops libvirtd at every call of every module, and sees that each run ends in time, tells"
        " the truth, harms no guest, leaves nothing half, and that the next run converges.",
    )
    parser.add_argument("--quick", action="store_true", help="the most telling faults instead of all")
    parser.add_argument("names", metavar="SCENARIO", nargs="*", help=f"default: all ({', '.join(names)})")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in names]
    if unknown:
        parser.error(f"no such scenario: {', '.join(unknown)}")
    with tempfile.TemporaryDirectory() as claims, ThreadPoolExecutor(LAB_HOSTS) as pool:
        arguments = [*(["--quick"] if options.quick else []), claims, *(options.names or names)]
        works = [pool.submit(_lab_host, arguments) for _number in range(LAB_HOSTS)]
    verdicts = [verdict for work in works for verdict in work.result()]
    print(f"{verdicts.count(True)} passed, {verdicts.count(False)} failed")
    return int(not verdicts or not all(verdicts))


def _lab_host(arguments: list[str]) -> list[bool]:
    """Run one lab host, show its lines, and tell which are good."""
    enter = [str(CHECKOUT / "tests/integration/labhost"), "--libvirtd", "env", "-C", str(CHECKOUT / "tests")]
    command = [*enter, "/usr/bin/python3", "-B", "-m", "faults.inside", *arguments]
    verdicts = []
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            verdicts.append(line.startswith("ok "))
    return verdicts if process.returncode == 0 else [*verdicts, False]


if __name__ == "__main__":
    sys.exit(main())
