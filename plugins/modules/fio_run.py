#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fio_run
short_description: Run fio on a file and return its numbers
description:
  - Runs one job of fio 3 on a file for a time, and returns its JSON as numbers with units, with the exact command, the
    version, the conditions of the run and the machine it ran on.
  - A truncated or garbled output, an error of the job and a run without a finished read or write are errors.
  - It writes to files only, never to a device.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
requirements:
  - fio >= 3.0
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
      - A measurement changes nothing but O(filename), which is written where it is missing.
  platform:
    description: The operating systems on which the module runs.
    support: full
    platforms: linux
options:
  filename:
    description: The file to read and write. Where it is missing or short, fio writes it first.
    type: path
    required: true
  rw:
    description: The accesses, sequential or C(rand)om; V(rw) and V(randrw) do both.
    type: str
    choices: [read, write, rw, randread, randwrite, randrw]
    default: randread
  rwmixread:
    description: The percentage of reads where O(rw) does both; fio takes 50 where it is not given.
    type: int
  bs:
    description: The size of an access, such as V(4K) or V(1M).
    type: str
    default: 4K
  iodepth:
    description: The number of accesses in flight for a job. More than 1 needs V(libaio) or V(io_uring).
    type: int
    default: 1
  ioengine:
    description: How accesses are made.
    type: str
    choices: [libaio, io_uring, psync, sync, mmap]
    default: libaio
  direct:
    description: Whether the page cache is bypassed. Without it, memory is measured and not the disk.
    type: bool
    default: true
  size:
    description: The size of the file, such as V(1G).
    type: str
    default: 256M
  numjobs:
    description: The number of jobs that do the same at once. The numbers are of all together.
    type: int
    default: 1
  fsync:
    description: The number of writes between two calls of fsync; V(0) for none.
    type: int
    default: 0
  runtime:
    description: The seconds that the test runs.
    type: int
    default: 10
  ramp_time:
    description: The seconds before them that do not count.
    type: int
    default: 0
  percentiles:
    description: The percentiles of latencies to return.
    type: list
    elements: float
    default: [50.0, 95.0, 99.0]
  unlink:
    description: Whether to remove the file afterwards.
    type: bool
    default: false
  executable:
    description: The fio to run, a name on the search path or a path.
    type: path
    default: fio
  timeout:
    description:
      - The seconds after which a run that has not ended is killed, and the module fails.
      - Where it is not given, the time of the test, the time to write O(size) at 4 MiB/s, and 60 seconds more.
    type: int
"""

EXAMPLES = r"""
- name: Measure random reads one at a time
  mini.hypervisor.fio_run:
    filename: /srv/bench/fio
    size: 1G

- name: Measure a mix of many at once
  mini.hypervisor.fio_run:
    filename: /srv/bench/fio
    size: 1G
    rw: randrw
    rwmixread: 70
    iodepth: 32

- name: Measure the sequential throughput
  mini.hypervisor.fio_run:
    filename: /srv/bench/fio
    size: 1G
    rw: read
    bs: 1M
    iodepth: 4
    unlink: true
"""

RETURN = r"""
msg:
  description: What would run.
  returned: in check mode
  type: str
  sample: "Would run: fio --name=bench --output-format=json --filename=/srv/bench/fio --rw=randread"
fio:
  description: The result of the test; in check mode only the command.
  returned: success
  type: dict
  contains:
    version:
      description: The version of the tool.
      type: str
      returned: success
      sample: "3.33"
    test:
      description: The accesses.
      type: str
      returned: success
      sample: randread
    command:
      description: The command that ran.
      type: list
      elements: str
      returned: always
      sample: [/usr/bin/fio, --name=bench, --rw=randread]
    executable:
      description: The path of the executable and the digest of its content.
      type: dict
      returned: success
      sample: {path: /usr/bin/fio, sha256: 8c2f}
    options:
      description: The options that fio says it used.
      type: dict
      returned: success
      sample: {rw: randread, bs: 4K}
    read:
      description:
        - The reads; V(null) where there was none. Submission, completion and total latencies are C(slat), C(clat) and
          C(lat), and C(clat) has the O(percentiles), such as C(p99) or C(p99_9).
      type: dict
      returned: success
      sample:
        iops: 21324.7
        mib_per_second: 83.3
        total_ios: 21346
        io_bytes: 87433216
        runtime_s: 1.001
        slat_ms: {min: 0.005, mean: 0.013, max: 13.9, stddev: 0.12}
        clat_ms: {min: 0.014, mean: 0.214, max: 23.5, stddev: 0.97, p50: 0.095, p95: 0.473, p99: 2.54}
        lat_ms: {min: 0.021, mean: 0.227, max: 23.6, stddev: 0.98}
    write:
      description: The writes, as RV(fio.read).
      type: dict
      returned: success
    events:
      description: The number of reads and writes.
      type: int
      returned: success
      sample: 30490
    total_time_s:
      description: The time of the test by its own clock, in seconds.
      type: float
      returned: success
      sample: 10.001
    events_per_second:
      description: Reads and writes in a second.
      type: float
      returned: success
      sample: 30459.5
    transferred_mib:
      description: The MiB read and written.
      type: float
      returned: success
      sample: 119.1
    mib_per_second:
      description: The MiB read and written in a second.
      type: float
      returned: success
      sample: 119.0
    latency_ms:
      description: The total latencies of reads and writes together, in milliseconds.
      type: dict
      returned: success
      sample: {min: 0.021, avg: 0.23, max: 23.6, percentile: null}
    cpu:
      description: What the job cost the processor.
      type: dict
      returned: success
      sample: {user_percent: 4.1, system_percent: 20.4, context_switches: 20114, major_faults: 0, minor_faults: 20}
    disks:
      description: The disks below the file, and how busy they were.
      type: list
      elements: dict
      returned: success
      sample: [{name: vda, busy_percent: 91.2}]
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
from ansible_collections.mini.hypervisor.plugins.module_utils._bench import fio_run


def work(request: Request) -> dict:
    """The module's work."""
    return fio_run.measure(request.params, request.check_mode)


def main() -> None:
    """Entry point."""
    run(fio_run.SPEC, work, libraries=())


if __name__ == "__main__":
    main()
