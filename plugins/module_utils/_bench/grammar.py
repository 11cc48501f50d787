# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The lines that sysbench 1.0 and 1.1 print, in their order."""

from __future__ import annotations

from .lines import Grammar, Rule

START, END = "banner", "end"

ANYWHERE = (
    Rule("FATAL: The --max-time limit has expired, forcing shutdown...", fail="FORCED_SHUTDOWN"),
    Rule("Number of unfinished transactions on forced shutdown: {:d}", fail="FORCED_SHUTDOWN"),
    Rule("FATAL: {:s}", fail="SYSBENCH_FAILED"),
    Rule("WARNING: {text:s}", append="warnings"),
)

_BANNER = Rule("sysbench {version:s} ({build:s})", goto="options")

_OPTIONS = (
    Rule("Running the test with following options:"),
    Rule("Number of threads: {threads:d}"),
    Rule("Target transaction rate: {options.rate:d}/sec"),
    Rule("Warmup time: {options.warmup_time_s:d}s"),
    Rule("Report intermediate results every {options.report_interval_s:d} second(s)"),
    Rule("Validation checks: {options.validate:s}."),
    Rule("Initializing random number generator from current time"),
    Rule("Initializing random number generator from seed ({options.rand_seed:d})."),
    Rule("Forcing shutdown in {options.forced_shutdown_s:d} seconds"),
    Rule("Initializing worker threads...", goto="starting"),
)

_PREAMBLE = {
    "cpu": (Rule("Prime numbers limit: {options.max_prime:d}"),),
    "memory": (
        Rule("Running memory speed test with the following options:"),
        Rule("block size: {options.block_size_kib:d}KiB"),
        Rule("total size: {options.total_size_mib:d}MiB"),
        Rule("operation: {options.operation:s}"),
        Rule("scope: {options.scope:s}"),
    ),
    "threads": (),
    "mutex": (),
    "fileio": (
        Rule("Extra file open flags: {options.extra_flags:s}"),
        Rule("{options.files:d} files, {options.file_size:s} each"),
        Rule("{options.total_size:s} total file size"),
        Rule("Block size {options.block_size:s}"),
        Rule("Number of IO requests: {options.requests:d}"),
        Rule("Read/Write ratio for combined random IO test: {options.read_write_ratio:.2}"),
        Rule("Merging requests up to {options.merged_requests:s} for sequential IO."),
        Rule("Periodic FSYNC enabled, calling fsync() each {options.fsync_frequency:d} requests."),
        Rule("Calling fsync() at the end of test, Enabled."),
        Rule("Calling fsync() after each write operation."),
        Rule("Using {options.io_mode:s} I/O mode"),
        Rule("Using checksums validation."),
        Rule("Doing {options.test_mode:s} test"),
    ),
}

_EVENT_INTERVALS = (
    Rule(
        "[ {time_s:d}s ] thds: {threads:d} eps: {events_per_second:.2}"
        " lat (ms,{latency_ms.rank:d}%): {latency_ms.value:.2}",
        append="intervals",
    ),
    Rule("[ {time_s:d}s ] queue length: {queue_length:d} concurrency: {concurrency:d}", append="queue"),
)

_INTERVALS = {
    "cpu": _EVENT_INTERVALS,
    "threads": _EVENT_INTERVALS,
    "mutex": _EVENT_INTERVALS,
    "memory": (Rule("[ {time_s:d}s ] {mib_per_second:.2} MiB/sec", append="intervals"),),
    "fileio": (
        Rule(
            "[ {time_s:d}s ] reads: {read_mib_per_second:.2} MiB/s writes: {written_mib_per_second:.2} MiB/s"
            " fsyncs: {fsyncs_per_second:.2}/s latency (ms,{latency_ms.rank:d}%): {latency_ms.value:.3}",
            append="intervals",
        ),
    ),
}

_GENERAL = Rule("General statistics:", goto="general")
_GENERAL_1_1 = Rule("Throughput:", goto="general")

_RESULTS = {
    "cpu": (Rule("CPU speed:"), Rule("events per second: {events_per_second:.2}")),
    "memory": (
        Rule("Total operations: {operations:d} ({operations_per_second:.2} per second)"),
        Rule("Operations performed: {operations:d} ({operations_per_second:.2} ops/sec)"),  # before 1.0.5
        Rule("{transferred_mib:.2} MiB transferred ({mib_per_second:.2} MiB/sec)"),
    ),
    "threads": (),
    "mutex": (),
    "fileio": (
        Rule("File operations:"),
        Rule("reads/s: {fileio.reads_per_second:.2}"),
        Rule("writes/s: {fileio.writes_per_second:.2}"),
        Rule("fsyncs/s: {fileio.fsyncs_per_second:.2}"),
        Rule("Throughput:"),
        Rule("read, MiB/s: {fileio.read_mib_per_second:.2}"),
        Rule("written, MiB/s: {fileio.written_mib_per_second:.2}"),
        # 1.1
        Rule("read: IOPS={fileio.reads_per_second:.2} {fileio.read_mib_per_second:.2} MiB/s ({:.2} MB/s)"),
        Rule("write: IOPS={fileio.writes_per_second:.2} {fileio.written_mib_per_second:.2} MiB/s ({:.2} MB/s)"),
        Rule("fsync: IOPS={fileio.fsyncs_per_second:.2}"),
        Rule("Latency (ms):", goto="latency"),
    ),
}


def run_of(test: str) -> Grammar:
    """What C(sysbench TEST run) prints."""
    results = (*_RESULTS[test], _GENERAL, *(() if test == "fileio" else (_GENERAL_1_1,)))
    return {
        START: (_BANNER,),
        "options": (*_OPTIONS, *_PREAMBLE[test]),
        "starting": (Rule("Threads started!", goto="running"),),
        "running": (
            Rule("Warming up for {:d} seconds..."),
            *_INTERVALS[test],
            Rule("Latency histogram (values are in milliseconds)", goto="histogram"),
            *results,
        ),
        "histogram": (
            Rule("value ------------- distribution ------------- count"),
            Rule("{latency_ms:.3} |{:bar}{count:d}", append="histogram"),
            *results,
        ),
        "general": (
            Rule("total time: {total_time_s:.4}s"),
            Rule("time elapsed: {total_time_s:.4}s"),  # 1.1
            Rule("events/s (eps): {events_per_second:.4}"),  # 1.1
            Rule("total number of events: {events:d}"),
            Rule("Latency (ms):", goto="latency"),
        ),
        "latency": (
            Rule("min: {latency_ms.min:.2}"),
            Rule("avg: {latency_ms.avg:.2}"),
            Rule("max: {latency_ms.max:.2}"),
            Rule("{latency_ms.percentile.rank:d}th percentile: {latency_ms.percentile.value:.2}"),
            Rule("percentile stats: disabled"),
            Rule("sum: {latency_ms.sum:.2}"),
            Rule("Threads fairness:", goto="fairness"),
        ),
        "fairness": (
            Rule("events (avg/stddev): {fairness.events.avg:.4}/{fairness.events.stddev:.2}"),
            Rule(
                "execution time (avg/stddev): {fairness.execution_time_s.avg:.4}/{fairness.execution_time_s.stddev:.2}",
                goto=END,
            ),
        ),
        END: (),
    }


PREPARE: Grammar = {
    START: (_BANNER,),
    "options": (
        Rule("{options.files:d} files, {options.file_size_kib:d}Kb each, {options.total_size_mib:d}Mb total"),
        Rule("Creating files for the test..."),
        Rule("Extra file open flags: {options.extra_flags:s}"),
        Rule("Creating file {:s}"),
        Rule("Reusing existing file {:s}"),
        Rule("Extending existing file {:s}"),
        Rule("{bytes_written:d} bytes written in {:.2} seconds ({mib_per_second:.2} MiB/sec).", goto=END),
        Rule("No bytes written.", goto=END),
    ),
    END: (),
}

CLEANUP: Grammar = {
    START: (_BANNER,),
    "options": (Rule("Removing test files...", goto=END),),
    END: (),
}
