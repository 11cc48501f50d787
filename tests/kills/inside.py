# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In a lab host: one kind of run is killed at random moments, and each time the next run has to converge."""

from __future__ import annotations

import sys
from importlib import import_module

from .victim import moments

NOTHING_CHANGED = "changed=0 "


def main() -> int:
    """Entry point: C(inside KIND COUNT SEED)."""
    kind, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    work = import_module(f"kills.{kind}")
    victim = work.begin()
    seconds = victim.measure(work.WORD)
    work.end()
    failed = 0
    for number, moment in enumerate(moments(count, seconds, seed), 1):
        where = victim.kill(work.WORD, moment)
        while where is None:  # the machine has less to do now, and the run took less than when it was measured
            work.end()
            moment /= 2
            where = victim.kill(work.WORD, moment)
        again = victim.run()
        found = [again] if again else list(work.faults())
        if not found:
            again = victim.run()
            found = [again or victim.output] if again or NOTHING_CHANGED not in victim.output else []
        work.end()
        failed += bool(found)
        verdict = "FAIL" if found else "ok  "
        print(f"{verdict} {kind} {number}/{count}: killed after {moment:.2f} s in {where}", flush=True)
        for fault in found:
            print(*(f"     | {line}" for line in fault.splitlines()), sep="\n", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
