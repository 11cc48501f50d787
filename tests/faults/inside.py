# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In a lab host: plays scenarios, a line for each fault."""

from __future__ import annotations

import argparse
import faulthandler
from pathlib import Path
from typing import Iterator

from . import case, daemon, host
from .scenarios import SCENARIOS, Scenario
from .wire import Wire

_DEADLINE = 300
"""Seconds that one fault may take, with its beginning and its end."""


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="faults.inside", description="Kills and stops libvirtd below the modules.")
    parser.add_argument("--quick", action="store_true", help="the most telling faults instead of all")
    parser.add_argument("claims", metavar="CLAIMS", type=Path, help="a directory where each lab host claims its work")
    parser.add_argument("names", metavar="SCENARIO", nargs="+")
    options = parser.parse_args()
    scenarios = {scenario.name: scenario for scenario in SCENARIOS}
    host.furnish()
    wire = Wire(case.SOCKET, daemon.SOCKET)
    wire.listen()
    for name in options.names:
        if _claims(options.claims / name):
            for line in _scenario(scenarios[name], wire, options.quick):
                print(line, flush=True)


def _claims(path: Path) -> bool:
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _bound() -> None:
    """What then waits for ever shows where, and ends."""
    faulthandler.dump_traceback_later(_DEADLINE, exit=True)


def _scenario(scenario: Scenario, wire: Wire, quick: bool) -> Iterator[str]:
    _bound()
    try:
        course = case.rehearse(scenario, wire)
    except host.BrokenError as broken:
        yield f"FAIL {scenario.name:18} undisturbed: {broken}"
        return
    for fault in case.telling(course) if quick and not scenario.whole else case.every(course, scenario.whole):
        _bound()
        try:
            yield f"ok   {scenario.name:18} {fault}: {case.play(scenario, course, fault, wire)}"
        except host.BrokenError as broken:
            yield f"FAIL {scenario.name:18} {fault}: {' '.join(str(broken).split())}"


if __name__ == "__main__":
    main()
