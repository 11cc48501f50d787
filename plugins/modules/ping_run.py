#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ping_run
short_description: Measure the latency of a network with ping and return its numbers
description:
  - Runs ping of iputils, and returns the round trips and losses as numbers with units, with the exact command, the
    version, the conditions of the run and the machine it ran on.
  - A truncated or garbled output and a run without a single answer are errors.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
requirements:
  - ping of iputils
attributes:
  check_mode:
    description: Whether the module predicts its result without changing anything.
    support: full
    details:
      - The test does not run; the command is returned.
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
  address:
    description: The address to ask for an answer.
    type: str
    required: true
  count:
    description: The number of packets.
    type: int
    default: 20
  interval:
    description: The seconds between two packets. Without root, ping takes no less than V(0.2), V(0.002) if it is new.
    type: float
    default: 0.2
  size:
    description: The bytes in a packet, at least 16, which hold the time.
    type: int
    default: 56
  executable:
    description: The ping to run, a name on the search path or a path.
    type: path
    default: ping
  timeout:
    description:
      - The seconds after which a run that has not ended is killed, and the module fails.
      - Where it is not given, what the packets need and 60 seconds more.
    type: int
"""

EXAMPLES = r"""
- name: Measure the latency from the guest to the hypervisor
  mini.hypervisor.ping_run:
    address: 192.168.122.1
    count: 100
"""

RETURN = r"""
msg:
  description: What would run.
  returned: in check mode
  type: str
  sample: "Would run: ping -n -q -c20 -i0.2 -s56 192.168.122.1"
ping:
  description: The result of the test; in check mode only the command.
  returned: success
  type: dict
  contains:
    version:
      description: The version of the tool.
      type: str
      returned: success
      sample: "20221126"
    test:
      description: Always V(ping).
      type: str
      returned: success
      sample: ping
    command:
      description: The command that ran.
      type: list
      elements: str
      returned: always
      sample: [/usr/bin/ping, -n, -q, -c20, -i0.2, -s56, 192.168.122.1]
    executable:
      description: The path of the executable and the digest of its content.
      type: dict
      returned: success
      sample: {path: /usr/bin/ping, sha256: 8c2f}
    sent:
      description: The packets sent.
      type: int
      returned: success
      sample: 20
    received:
      description: The answers received.
      type: int
      returned: success
      sample: 20
    errors:
      description: The errors received in place of answers.
      type: int
      returned: success
      sample: 0
    duplicates:
      description: The answers received more than once.
      type: int
      returned: success
      sample: 0
    lost_percent:
      description: The packets without an answer.
      type: float
      returned: success
      sample: 0.0
    rtt_ms:
      description: The round trips in milliseconds; C(mdev) is their standard deviation.
      type: dict
      returned: success
      sample: {min: 0.21, avg: 0.44, max: 1.02, mdev: 0.11}
    total_time_s:
      description: The time of the test by its own clock, in seconds.
      type: float
      returned: success
      sample: 3.8
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
from ansible_collections.mini.hypervisor.plugins.module_utils._bench import ping_run


def work(request: Request) -> dict:
    """The module's work."""
    return ping_run.measure(request.params, request.check_mode)


def main() -> None:
    """Entry point."""
    run(ping_run.SPEC, work, libraries=())


if __name__ == "__main__":
    main()
