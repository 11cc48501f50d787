#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bench_run
short_description: Run several tests one after the other and return their numbers
description:
  - Runs tests of several tools as their own modules do, with the same options, defaults and results, in one call.
    In an emulated guest a call of a module takes seconds before the test begins, which are spent once here.
  - Options that a tool's module would refuse by their names, types or choices fail the call before anything runs.
  - A run that fails does not keep the others from running. After the last one the module fails with the code
    C(RUNS_FAILED), and RV(runs) has what each returned.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
requirements:
  - the tools of the runs
seealso:
  - module: mini.hypervisor.sysbench_run
  - module: mini.hypervisor.fio_run
  - module: mini.hypervisor.iperf3_run
  - module: mini.hypervisor.ping_run
  - module: mini.hypervisor.cyclictest_run
attributes:
  check_mode:
    description: Whether the module predicts its result without changing anything.
    support: full
    details:
      - No test runs; the commands are returned.
  diff_mode:
    description: Whether the module returns what changed, or would change.
    support: none
    details:
      - A measurement has no before and after.
  idempotent:
    description: Whether a second run with the same options changes nothing.
    support: full
    details:
      - As the modules of the tools.
  platform:
    description: The operating systems on which the module runs.
    support: full
    platforms: linux
options:
  runs:
    description: The runs, in their order.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What the result and errors call the run. It is the O(runs[].tool) where it is not given.
        type: str
      tool:
        description: The tool, whose module has that name with C(_run).
        type: str
        choices: [sysbench, fio, iperf3, ping, cyclictest]
        required: true
      options:
        description:
          - The options of the tool's module. A run is killed, and fails, at the deadline that they give it there.
        type: dict
        default: {}
  attempts:
    description:
      - How often a run that fails is tried. One that succeeds after all tells of its failures in the C(warnings) of its
        result.
    type: int
    default: 1
"""

EXAMPLES = r"""
- name: Measure processor, disk and network of a guest
  mini.hypervisor.bench_run:
    runs:
      - tool: sysbench
        options: {test: cpu, time: 5}
      - name: random reads
        tool: fio
        options: {filename: /var/tmp/fio, rw: randread, runtime: 2}
      - name: latency
        tool: ping
        options: {address: 192.168.122.1}
  register: measured

- name: Tell them
  ansible.builtin.debug:
    msg: "{{ measured.runs[1].fio.read.iops }} reads/s, {{ measured.runs[2].ping.rtt_ms.avg }} ms"
"""

RETURN = r"""
msg:
  description: The commands that would run, a line each; or how many runs failed, and why each did.
  returned: in check mode, and where a run failed
  type: str
  sample: "1 of 3 runs failed. disk (fio): fio is not an executable here: install the package fio, or set executable."
code:
  description: V(RUNS_FAILED), where runs failed; another where nothing was run.
  returned: failure
  type: str
  sample: RUNS_FAILED
details:
  description: Which of RV(runs) failed, from 0.
  returned: failure
  type: dict
  sample: {failed: [1]}
runs:
  description: What each run returned, in their order.
  returned: always, unless the options are refused
  type: list
  elements: dict
  contains:
    name:
      description: The run's name, or its tool.
      type: str
      returned: always
      sample: random reads
    tool:
      description: The tool.
      type: str
      returned: always
      sample: fio
    changed:
      description: Whether the run changed something, as the tool's module tells it.
      type: bool
      returned: always
      sample: false
    failed:
      description: Whether the run failed.
      type: bool
      returned: always
      sample: false
    msg:
      description: Why the run failed, or what would run.
      type: str
      returned: in check mode, and for a run that failed
      sample: "fio is not an executable here: install the package fio, or set executable."
    code:
      description: The code of the failure, as of the tool's module.
      type: str
      returned: for a run that failed
      sample: EXECUTABLE_MISSING
    details:
      description: Facts about the failure, as of the tool's module.
      type: dict
      returned: for a run that failed
      sample: {}
    sysbench:
      description: The result of RV(mini.hypervisor.sysbench_run#module:sysbench).
      type: dict
      returned: for a run of that tool that did not fail
      sample: {test: cpu, events_per_second: 1625.3}
    fio:
      description: The result of RV(mini.hypervisor.fio_run#module:fio).
      type: dict
      returned: for a run of that tool that did not fail
      sample: {test: randread, read: {iops: 10453.2}}
    iperf3:
      description: The result of RV(mini.hypervisor.iperf3_run#module:iperf3).
      type: dict
      returned: for a run of that tool that did not fail
      sample: {test: tcp, received: {gbit_per_second: 4.54}}
    ping:
      description: The result of RV(mini.hypervisor.ping_run#module:ping).
      type: dict
      returned: for a run of that tool that did not fail
      sample: {test: ping, rtt_ms: {avg: 0.44}}
    cyclictest:
      description: The result of RV(mini.hypervisor.cyclictest_run#module:cyclictest).
      type: dict
      returned: for a run of that tool that did not fail
      sample: {test: wakeup, wakeup_us: {avg: 26.71}}
"""

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import Request, run, validated
from ansible_collections.mini.hypervisor.plugins.module_utils._bench import bench_run


def work(request: Request) -> dict:
    """The module's work."""
    return bench_run.work(request.params, request.check_mode, validated)


def main() -> None:
    """Entry point."""
    run(bench_run.SPEC, work, libraries=())


if __name__ == "__main__":
    main()
