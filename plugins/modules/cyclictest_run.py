#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cyclictest_run
short_description: Measure how late threads wake up with cyclictest and return its numbers
description:
  - Runs cyclictest, whose threads sleep until a time and tell how much later they woke up, and returns the latencies as
    numbers with units, with the exact command, the version, the conditions of the run and the machine it ran on.
  - The numbers come from the JSON that cyclictest writes since version 2, and from what it prints where it is older.
  - A truncated or garbled output and a thread that did not wake up at all are errors.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
requirements:
  - cyclictest, of the package rt-tests
  - root, or the right to real-time priorities and to lock memory, also for threads without priority; where the control
    group has no real-time bandwidth, as in some containers, not even root has it
attributes:
  check_mode:
    description: Whether the module predicts its result without changing anything.
    support: full
    details:
      - The test does not run; the command is returned, without the file for JSON.
  diff_mode:
    description: Whether the module returns what changed, or would change.
    support: none
    details:
      - A measurement has no before and after.
  idempotent:
    description: Whether a second run with the same options changes nothing.
    support: full
    details:
      - A measurement changes nothing.
  platform:
    description: The operating systems on which the module runs.
    support: full
    platforms: linux
options:
  threads:
    description: The number of threads that measure.
    type: int
    default: 1
  affinity:
    description: Whether each thread stays on a processor of its own.
    type: bool
    default: false
  priority:
    description: The real-time priority of the threads, 1 to 99; V(0) for threads without one, which others may delay.
    type: int
    default: 80
  interval:
    description: The microseconds between two times of the first thread; each further thread has 500 more.
    type: int
    default: 1000
  time:
    description: The seconds that the test runs.
    type: int
    default: 10
  executable:
    description: The cyclictest to run, a name on the search path or a path.
    type: path
    default: cyclictest
  timeout:
    description:
      - The seconds after which a run that has not ended is killed, and the module fails.
      - Where it is not given, O(time) and 60 seconds more.
    type: int
"""

EXAMPLES = r"""
- name: Measure how late a thread on each of two processors wakes up
  mini.hypervisor.cyclictest_run:
    threads: 2
    affinity: true
"""

RETURN = r"""
msg:
  description: What would run.
  returned: in check mode
  type: str
  sample: "Would run: cyclictest --quiet --mlockall --duration=10 --interval=1000 --threads=1 --priority=80"
cyclictest:
  description: The result of the test; in check mode only the command.
  returned: success
  type: dict
  contains:
    version:
      description: The version of the tool.
      type: str
      returned: success
      sample: "2.40"
    test:
      description: Always V(wakeup).
      type: str
      returned: success
      sample: wakeup
    command:
      description: The command that ran.
      type: list
      elements: str
      returned: always
      sample: [/usr/bin/cyclictest, --quiet, --mlockall, --duration=10, --interval=1000, --threads=1, --priority=80]
    executable:
      description: The path of the executable and the digest of its content.
      type: dict
      returned: success
      sample: {path: /usr/bin/cyclictest, sha256: 8c2f}
    wakeup_us:
      description: How much later than asked for all threads woke up, in microseconds.
      type: dict
      returned: success
      sample: {min: 8, avg: 26.71, max: 236}
    threads:
      description: The same of each thread, with the number of times that it woke up.
      type: list
      elements: dict
      returned: success
      sample: [{cycles: 1000, wakeup_us: {min: 12, avg: 28.24, max: 168}}]
    events:
      description: How often all threads woke up.
      type: int
      returned: success
      sample: 1667
    warnings:
      description: What the tool warned of.
      type: list
      elements: str
      returned: success
      sample: []
    started:
      description: When the command started, UTC.
      type: str
      returned: success
      sample: "2026-01-31T12:00:00Z"
    wall_time_s:
      description: The time from the start of the command to its end by the clock of the machine, in seconds.
      type: float
      returned: success
      sample: 10.0122
    load_average:
      description: The load averages of 1, 5 and 15 minutes before and after.
      type: dict
      returned: success
      sample: {before: [0.1, 0.2, 0.2], after: [0.3, 0.2, 0.2]}
    cpu_percent:
      description: How all processors together spent the time meanwhile, in percent; V(null) if it was under a tick.
      type: dict
      returned: success
      sample: {user: 50.1, nice: 0.0, system: 0.3, idle: 49.6, iowait: 0.0, irq: 0.0, softirq: 0.0, steal: 0.0}
    frequency_mhz:
      description: The frequency of the processors on average before and after; V(null) where it is not told.
      type: dict
      returned: success
      sample: {before: 3401.2, after: 3398.7}
    throttle_events:
      description: How often a processor was slowed down meanwhile because it was too hot; V(null) where it is not told.
      type: int
      returned: success
      sample: 0
    environment:
      description: What the measurement depends on, as RV(mini.hypervisor.sysbench_run#module:sysbench.environment).
      type: dict
      returned: success
      sample: {architecture: x86_64, kernel: 6.1.0-31-cloud-amd64, cpus: 2}
"""

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._bench import cyclictest_run


def work(request: Request) -> dict:
    """The module's work."""
    return cyclictest_run.measure(request.params, request.check_mode)


def main() -> None:
    """Entry point."""
    run(cyclictest_run.SPEC, work, libraries=())


if __name__ == "__main__":
    main()
