#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iperf3_run
short_description: Run iperf3 between two machines and return its numbers
description:
  - Starts and stops a server of iperf3, and runs a client against it and returns its JSON as numbers with units, with
    the exact command, the version, the conditions of the run and the machine it ran on.
  - Load goes only to addresses inside the O(networks), which must be private, so that it does not leave the lab.
  - A truncated or garbled output, an error of iperf3 and a run that received nothing are errors.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
requirements:
  - iperf3 >= 3.1
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
      - A measurement changes nothing. A server that runs is not started again, and one that does not is not stopped.
  platform:
    description: The operating systems on which the module runs.
    support: full
    platforms: linux
options:
  command:
    description:
      - V(run) measures as a client.
      - V(start) starts a server in the background, and V(stop) ends it.
    type: str
    choices: [run, start, stop]
    default: run
  address:
    description: The IP address of the server; the one it listens on for O(command=start).
    type: str
    required: true
  networks:
    description: The networks that load may go to, such as V(192.168.122.0/24) or V(127.0.0.0/8). They must be private.
    type: list
    elements: str
    required: true
  port:
    description: The port of the server.
    type: int
    default: 5201
  protocol:
    description: The protocol.
    type: str
    choices: [tcp, udp]
    default: tcp
  time:
    description: The seconds that the test runs.
    type: int
    default: 10
  omit:
    description: The seconds before them that do not count, in which TCP finds its speed.
    type: int
    default: 0
  streams:
    description: The number of connections at once.
    type: int
    default: 1
  reverse:
    description: Whether the server sends and the client receives.
    type: bool
    default: false
  bitrate:
    description:
      - The bits to send in a second, such as V(100M), V(0) for as many as possible. Where it is not given, that is so
        for O(protocol=tcp), and 1 Mbit/s for O(protocol=udp).
    type: str
  length:
    description: The bytes of one write or datagram, such as V(128K) or V(1400).
    type: str
  one_off:
    description: Whether the server ends by itself after one client.
    type: bool
    default: true
  pidfile:
    description: The file with the process id of the server. Several servers need several.
    type: path
    default: /run/mini-hypervisor-iperf3.pid
  executable:
    description: The iperf3 to run, a name on the search path or a path.
    type: path
    default: iperf3
  timeout:
    description:
      - The seconds after which a client that has not ended is killed, and the module fails.
      - Where it is not given, O(time), O(omit) and 60 seconds more.
    type: int
"""

EXAMPLES = r"""
- name: Let the hypervisor serve one test
  mini.hypervisor.iperf3_run:
    command: start
    address: 192.168.122.1
    networks: [192.168.122.0/24]
  delegate_to: hypervisor

- name: Measure from the guest to it
  mini.hypervisor.iperf3_run:
    address: 192.168.122.1
    networks: [192.168.122.0/24]
    omit: 2
    streams: 4

- name: End the server, should it still wait
  mini.hypervisor.iperf3_run:
    command: stop
    address: 192.168.122.1
    networks: [192.168.122.0/24]
  delegate_to: hypervisor
"""

RETURN = r"""
msg:
  description: What would run.
  returned: in check mode
  type: str
  sample: "Would run: iperf3 --client=192.168.122.1 --port=5201 --time=10 --parallel=1 --json"
iperf3:
  description:
    - The result of the test; what the protocol does not have is V(null).
    - In check mode only the command, and for O(command=start) and O(command=stop) the command and the process id.
  returned: success
  type: dict
  contains:
    version:
      description: The version of the tool.
      type: str
      returned: success
      sample: "3.12"
    test:
      description: The protocol.
      type: str
      returned: success
      sample: tcp
    command:
      description: The command that ran.
      type: list
      elements: str
      returned: always
      sample: [/usr/bin/iperf3, --client=192.168.122.1, --json]
    executable:
      description: The path of the executable and the digest of its content.
      type: dict
      returned: success
      sample: {path: /usr/bin/iperf3, sha256: 8c2f}
    pid:
      description: The process id of the server, V(null) where none runs.
      type: int
      returned: for O(command=start) and O(command=stop)
      sample: 4711
    options:
      description: The options that iperf3 says it used.
      type: dict
      returned: for O(command=run)
      sample: {streams: 1, reverse: false, time_s: 10}
    sent:
      description: What the sender sent; C(retransmits) is V(null) for UDP.
      type: dict
      returned: for O(command=run)
      sample: {bytes: 580648960, seconds: 1.01, gbit_per_second: 4.59, retransmits: 0}
    received:
      description: What the receiver received.
      type: dict
      returned: for O(command=run)
      sample: {bytes: 580648960, seconds: 1.02, gbit_per_second: 4.54}
    jitter_ms:
      description: The jitter of UDP datagrams.
      type: float
      returned: for O(command=run)
      sample: 0.017
    lost_percent:
      description: The UDP datagrams that were lost.
      type: float
      returned: for O(command=run)
      sample: 0.52
    cpu_utilization_percent:
      description: How busy client and server were, in percent of one processor.
      type: dict
      returned: for O(command=run)
      sample: {local: 16.99, remote: 14.59}
    cpu_s_per_gbit:
      description: The seconds of one processor that a Gbit costs the client.
      type: float
      returned: for O(command=run)
      sample: 0.037
    congestion:
      description: The congestion control of the sender.
      type: str
      returned: for O(command=run)
      sample: cubic
    intervals:
      description: A row for each second.
      type: list
      elements: dict
      returned: for O(command=run)
      sample: [{time_s: 1.0, gbit_per_second: 4.54, retransmits: 0, omitted: false}]
    total_time_s:
      description: The time of the test by its own clock, in seconds.
      type: float
      returned: for O(command=run)
      sample: 10.001
    mib_per_second:
      description: The MiB received in a second.
      type: float
      returned: for O(command=run)
      sample: 540.9
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
from ansible_collections.mini.hypervisor.plugins.module_utils._bench import iperf3_run


def work(request: Request) -> dict:
    """The module's work."""
    return iperf3_run.work(request.params, request.check_mode)


def main() -> None:
    """Entry point."""
    run(iperf3_run.SPEC, work, libraries=())


if __name__ == "__main__":
    main()
