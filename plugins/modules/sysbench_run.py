#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sysbench_run
short_description: Run a sysbench test and return its numbers
description:
  - Runs one of the built-in tests of sysbench 1.0 or 1.1, and returns what it printed as numbers with units,
    with the exact command, the version, the conditions of the run and the machine it ran on.
  - The output is read strictly. A line that has no place, a truncated output and a test without a finished event
    are errors.
  - The defaults are two reference tests. O(test=cpu) checks numbers up to 20000 for primality, and O(test=memory)
    writes 102400 MiB in blocks of 1 KiB; each with one thread, for at most 10 seconds.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
requirements:
  - sysbench >= 1.0, < 1.2
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
      - A measurement changes nothing. O(command=prepare) and O(command=cleanup) do nothing the second time.
  platform:
    description: The operating systems on which the module runs.
    support: full
    platforms: linux
options:
  test:
    description: The test.
    type: str
    choices: [cpu, memory, threads, mutex, fileio]
    default: cpu
  command:
    description:
      - V(run) measures.
      - V(prepare) makes the files of O(test=fileio) in O(chdir), and V(cleanup) removes them.
    type: str
    choices: [run, prepare, cleanup]
    default: run
  threads:
    description: The number of threads.
    type: int
    default: 1
  time:
    description: The seconds after which the test ends; V(0) for no limit.
    type: int
    default: 10
  events:
    description:
      - The number of events after which the test ends; V(0) for no limit.
      - O(test=memory) is limited by O(memory_total_size) instead.
    type: int
    default: 0
  rate:
    description: The number of events to start in a second on average; V(0) for as many as possible.
    type: int
    default: 0
  percentile:
    description: The percentile of the latencies to return, 1 to 100; V(0) for none, which also spares their cost.
    type: int
    default: 95
  report_interval:
    description: The seconds between two rows of RV(sysbench.intervals); V(0) for none.
    type: int
    default: 0
  histogram:
    description: Whether to return the histogram of the latencies. It needs a O(percentile).
    type: bool
    default: false
  rand_seed:
    description: The seed of the random numbers; V(0) takes the time.
    type: int
    default: 0
  executable:
    description:
      - The sysbench to run, a name on the search path or a path.
      - It may be a wrapper that takes the same arguments.
    type: path
    default: sysbench
  chdir:
    description: The directory to run in, which holds the files of O(test=fileio); needed there.
    type: path
  timeout:
    description:
      - The seconds after which a test that has not ended is killed, and the module fails.
      - Where it is not given, O(time) and 60 seconds more, or 600 seconds for what has no time of its own.
    type: int
  cpu_max_prime:
    description: The largest number whose primality an event of O(test=cpu) checks. V(20000) where it is not given.
    type: int
  memory_block_size:
    description: The size of a block, a power of two such as V(1K) or V(1M). V(1K) where it is not given.
    type: str
  memory_total_size:
    description: The amount after which O(test=memory) ends; V(0) for no limit. V(102400M) where it is not given.
    type: str
  memory_scope:
    description: Whether all threads share one block or have their own. V(global) where it is not given.
    type: str
    choices: [global, local]
  memory_oper:
    description: What is done to a block. V(write) where it is not given.
    type: str
    choices: [read, write, none]
  memory_access_mode:
    description: The order of the accesses, sequential or random. V(seq) where it is not given.
    type: str
    choices: [seq, rnd]
  memory_hugetlb:
    description: Whether the blocks come from the pool of huge pages.
    type: bool
  thread_yields:
    description: How often an event of O(test=threads) locks, yields and unlocks.
    type: int
  thread_locks:
    description: The number of locks of O(test=threads).
    type: int
  mutex_num:
    description: The number of mutexes of O(test=mutex).
    type: int
  mutex_locks:
    description: How often a thread of O(test=mutex) takes a lock.
    type: int
  mutex_loops:
    description: The number of empty loops outside the lock.
    type: int
  file_num:
    description: The number of files of O(test=fileio). V(128) where it is not given.
    type: int
  file_block_size:
    description: The bytes of one read or write.
    type: int
  file_total_size:
    description: The size of all files together, such as V(512M). V(2G) where it is not given.
    type: str
  file_test_mode:
    description: Sequential write, rewrite or read, random read, write or both; needed for O(command=run).
    type: str
    choices: [seqwr, seqrewr, seqrd, rndrd, rndwr, rndrw]
  file_io_mode:
    description: How files are read and written.
    type: str
    choices: [sync, async, mmap]
  file_async_backlog:
    description: The number of asynchronous operations in flight for a thread, with O(file_io_mode=async).
    type: int
  file_extra_flags:
    description: Flags to open the files with. Without V(direct) the page cache is measured, not the disk.
    type: list
    elements: str
    choices: [sync, dsync, direct]
  file_fsync_freq:
    description: The number of requests between two calls of fsync; V(0) for none.
    type: int
  file_fsync_all:
    description: Whether each write is followed by fsync.
    type: bool
  file_fsync_end:
    description: Whether the test ends with fsync.
    type: bool
  file_fsync_mode:
    description: The call that synchronizes.
    type: str
    choices: [fsync, fdatasync]
  file_merged_requests:
    description: The number of requests to merge in sequential tests; V(0) for none.
    type: int
  file_rw_ratio:
    description: The number of reads for one write in O(file_test_mode=rndrw).
    type: float
"""

EXAMPLES = r"""
- name: Measure the processor as the reference test does
  mini.hypervisor.sysbench_run:
  register: cpu

- name: Measure memory in large blocks
  mini.hypervisor.sysbench_run:
    test: memory
    memory_block_size: 1M
    memory_total_size: 100T

- name: Make the files of a disk test
  mini.hypervisor.sysbench_run:
    test: fileio
    command: prepare
    chdir: /srv/bench
    file_total_size: 1G

- name: Measure random reads past the page cache, second by second
  mini.hypervisor.sysbench_run:
    test: fileio
    chdir: /srv/bench
    file_total_size: 1G
    file_test_mode: rndrd
    file_extra_flags: [direct]
    report_interval: 1
"""

RETURN = r"""
msg:
  description: What would run.
  returned: in check mode
  type: str
  sample: "Would run: sysbench cpu --threads=1 --time=10 --percentile=95 --cpu-max-prime=20000 run"
sysbench:
  description:
    - The result of the test; what the test or the version does not print is V(null).
    - In check mode only the command.
  returned: success
  type: dict
  contains:
    version:
      description: The version of sysbench.
      type: str
      returned: success
      sample: 1.0.20
    build:
      description: What sysbench says of its build.
      type: str
      returned: success
      sample: using system LuaJIT 2.1.0-beta3
    test:
      description: The test.
      type: str
      returned: for O(command=run)
      sample: cpu
    command:
      description: The command that ran.
      type: list
      elements: str
      returned: always
      sample: [/usr/bin/sysbench, cpu, --threads=1, --time=10, --percentile=95, --cpu-max-prime=20000, run]
    executable:
      description: The path of the executable and the digest of its content.
      type: dict
      returned: success
      sample: {path: /usr/bin/sysbench, sha256: 8c2f}
    options:
      description: The options that sysbench printed.
      type: dict
      returned: success
      sample: {max_prime: 20000}
    threads:
      description: The number of threads.
      type: int
      returned: for O(command=run)
      sample: 1
    events:
      description: The number of events.
      type: int
      returned: for O(command=run)
      sample: 13140
    total_time_s:
      description: The time of the test by its own clock, in seconds.
      type: float
      returned: for O(command=run)
      sample: 10.0007
    events_per_second:
      description: Events in a second, as printed or, where it is not, computed from events and time.
      type: float
      returned: for O(command=run)
      sample: 1313.87
    operations:
      description: The operations of O(test=memory).
      type: int
      returned: for O(command=run)
      sample: 83000000
    operations_per_second:
      description: Operations of O(test=memory) in a second.
      type: float
      returned: for O(command=run)
      sample: 8300000.12
    transferred_mib:
      description: The MiB that O(test=memory) read or wrote.
      type: float
      returned: for O(command=run)
      sample: 81054.7
    mib_per_second:
      description: The MiB that O(test=memory) read or wrote, or O(command=prepare) wrote, in a second.
      type: float
      returned: success
      sample: 8105.47
    bytes_written:
      description: The bytes that were written.
      type: int
      returned: for O(command=prepare)
      sample: 33554432
    fileio:
      description: Reads, writes and fsync calls, and MiB read and written, in a second.
      type: dict
      returned: for O(command=run)
      sample:
        reads_per_second: 5600.1
        writes_per_second: 3733.4
        fsyncs_per_second: 93.2
        read_mib_per_second: 87.5
        written_mib_per_second: 58.33
    latency_ms:
      description: The latencies of the events in milliseconds; C(percentile) is V(null) where O(percentile=0).
      type: dict
      returned: for O(command=run)
      sample: {min: 0.73, avg: 0.76, max: 1.01, sum: 10000.22, percentile: {rank: 95, value: 0.81}}
    fairness:
      description: The mean and standard deviation over the threads of events and execution time.
      type: dict
      returned: for O(command=run)
      sample: {events: {avg: 13140.0, stddev: 0.0}, execution_time_s: {avg: 10.0002, stddev: 0.0}}
    intervals:
      description: A row for each O(report_interval).
      type: list
      elements: dict
      returned: for O(command=run)
      sample: [{time_s: 1, threads: 1, events_per_second: 1310.2, latency_ms: {rank: 95, value: 0.81}}]
    histogram:
      description: The number of events for each latency, where O(histogram=true).
      type: list
      elements: dict
      returned: for O(command=run)
      sample: [{latency_ms: 0.733, count: 4070}]
    warnings:
      description: What sysbench warned of.
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
      description:
        - The frequency of the processors on average before and after; V(null) where the kernel does not tell it, as in
          most guests.
      type: dict
      returned: success
      sample: {before: 3401.2, after: 3398.7}
    throttle_events:
      description: How often a processor was slowed down meanwhile because it was too hot; V(null) where it is not told.
      type: int
      returned: success
      sample: 0
    environment:
      description: What the measurement depends on.
      type: dict
      returned: success
      sample:
        architecture: x86_64
        kernel: 6.1.0-31-cloud-amd64
        os: Debian GNU/Linux 12 (bookworm)
        cpu_model: QEMU Virtual CPU version 2.5+
        cpus: 2
        memory_mib: 2854
        clock_source: {current: tsc, available: [tsc, hpet, acpi_pm]}
        governor: null
        uptime_s: 214
"""

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._bench.measure import measure
from ansible_collections.mini.hypervisor.plugins.module_utils._bench.options import argument_spec


def work(request: Request) -> dict:
    """The module's work."""
    return measure(request.params, request.check_mode)


def main() -> None:
    """Entry point."""
    run(argument_spec(), work, libraries=())


if __name__ == "__main__":
    main()
