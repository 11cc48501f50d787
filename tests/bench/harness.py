# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What measuring costs the measured: sysbench by the module sysbench_run beside the bare command, in turns."""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
from typing import Sequence

from support import module

GOAL = 0.01
"""The share of the rate that the module may cost."""
_RATE = re.compile(r"events per second:\s+([\d.]+)")


def compare(rounds: int, seconds: int) -> float | None:
    """Print both rates; the share that the module costs, None where there is no sysbench."""
    if shutil.which("sysbench") is None:
        print("\nsysbench_run beside the bare command: sysbench is not installed")
        return None
    own: list[float] = []
    bare: list[float] = []
    for turn in range(rounds):
        for rates, measure in ((own, _own), (bare, _bare)) if turn % 2 else ((bare, _bare), (own, _own)):
            rates.append(measure(seconds))
    cost = 1 - statistics.median(own) / statistics.median(bare)
    print(f"\nsysbench cpu, {rounds} rounds of {seconds} s in turns, median events/s [lowest to highest]:")
    print(f"  by sysbench_run {_told(own)}, bare {_told(bare)}: the module costs {100 * cost:.2f} % of the rate")
    # What else the machine does only takes away, so the best rounds are those that it disturbed least.
    print(f"  of the best rounds {100 * (1 - max(own) / max(bare)):.2f} %")
    return cost


def _told(rates: Sequence[float]) -> str:
    return f"{statistics.median(rates):.1f} [{min(rates):.1f} to {max(rates):.1f}]"


def _own(seconds: int) -> float:
    outcome = module.run(f"{module.OWN}.sysbench_run", {"time": seconds})
    if outcome.failed:
        raise module.ModuleError(f"sysbench_run: {outcome.result['msg']}")
    return float(outcome.result["sysbench"]["events_per_second"])


def _bare(seconds: int) -> float:
    command = ["sysbench", "cpu", f"--time={seconds}", "--cpu-max-prime=20000", "run"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = _RATE.search(printed)
    if found is None:
        raise module.ModuleError(f"sysbench printed no rate: {printed[-500:]}")
    return float(found.group(1))
