# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The lines that sysbench 0.4 and 0.5 print, and what follows from them for numbers that only 1.0 prints.

Recorded outputs of these versions can be read; they are not run, as their options have other names.
"""

from __future__ import annotations

from typing import Any

from .grammar import END, START
from .lines import Grammar, Rule

VERSIONS = ("0.4.", "0.5")

_OPTIONS = (
    Rule("Running the test with following options:"),
    Rule("Number of threads: {threads:d}"),
    Rule("Report intermediate results every {options.report_interval_s:d} second(s)"),
    Rule("Random number generator seed is {:d} and will be ignored"),
    Rule("Initializing random number generator from timer."),
    Rule("Initializing random number generator from seed ({options.rand_seed:d})."),
    Rule("Initializing worker threads..."),
    Rule("Threads started!", goto="running"),
)
_CHATTER = (
    Rule("Done."),
    Rule("Time limit exceeded, exiting..."),
    Rule("(last message repeated {:d} times)"),
)
_PREAMBLE = {
    "cpu": (
        Rule("Doing CPU performance benchmark"),
        Rule("Primer numbers limit: {options.max_prime:d}"),
    ),
    "memory": (
        Rule("Doing memory operations speed test"),
        Rule("Running memory speed test with the following options:"),
        Rule("Memory block size: {options.block_size_kib:d}K"),
        Rule("Memory transfer size: {options.total_size_mib:d}M"),
        Rule("Memory operations type: {options.operation:s}"),
        Rule("Memory scope type: {options.scope:s}"),
    ),
    "threads": (
        Rule("Doing thread subsystem performance test"),
        Rule("Thread yields per test: {options.yields:d} Locks used: {options.locks:d}"),
    ),
    "mutex": (Rule("Doing mutex performance test"),),
    "fileio": (
        Rule("Extra file open flags: {options.extra_flags:s}"),
        Rule("{options.files:d} files, {options.file_size:s} each"),
        Rule("{options.total_size:s} total file size"),
        Rule("Block size {options.block_size:s}"),
        Rule("Number of IO requests: {options.requests:d}"),
        Rule("Number of random requests for random IO: {options.requests:d}"),
        Rule("Read/Write ratio for combined random IO test: {options.read_write_ratio:.2}"),
        Rule("Periodic FSYNC enabled, calling fsync() each {options.fsync_frequency:d} requests."),
        Rule("Calling fsync() at the end of test, Enabled."),
        Rule("Calling fsync() after each write operation."),
        Rule("Using {options.io_mode:s} I/O mode"),
        Rule("Doing {options.test_mode:s} test"),
    ),
}
_RESULTS = {
    "cpu": (Rule("Maximum prime number checked in CPU test: {options.max_prime:d}"),),
    "memory": (
        Rule("[ {time_s:d}s] {mib_per_second:.2} MB/sec,", append="intervals"),
        Rule("Operations performed: {operations:d} ({operations_per_second:.2} ops/sec)"),
        Rule("{transferred_mib:.2} MB transferred ({mib_per_second:.2} MB/sec)"),
    ),
    "threads": (),
    "mutex": (),
    "fileio": (
        Rule(
            "Operations performed: {files.reads:d} reads, {files.writes:d} writes, {files.fsyncs:d} Other = {:d} Total"
        ),
        Rule("Operations performed: {files.reads:d} Read, {files.writes:d} Write, {files.fsyncs:d} Other = {:d} Total"),
        Rule("Read {files.read_mib:size} Written {files.written_mib:size} Total transferred {:size} ({:size}/sec)"),
        Rule("{:.2} Requests/sec executed"),
    ),
}
_GENERAL = (
    Rule("total time: {total_time_s:.4}s"),
    Rule("total number of events: {events:d}"),
    Rule("total time taken by event execution: {event_time_s:.4}s"),
    Rule("total time taken by event execution: {event_time_s:.4}"),  # 0.4
    Rule("response time:"),
    Rule("per-request statistics:"),  # 0.4
    Rule("min: {latency_ms.min:.2}ms"),
    Rule("avg: {latency_ms.avg:.2}ms"),
    Rule("max: {latency_ms.max:.2}ms"),
    Rule("approx. {latency_ms.percentile.rank:d} percentile: {latency_ms.percentile.value:.2}ms"),
    Rule("Threads fairness:", goto="fairness"),
)


def run_of(test: str) -> Grammar:
    """What C(sysbench --test=TEST run) prints."""
    return {
        START: (Rule("sysbench {version:s}: multi-threaded system evaluation benchmark", goto="options"),),
        "options": (*_OPTIONS, *_PREAMBLE[test]),
        "running": (
            *_CHATTER,
            *_PREAMBLE[test],  # 0.4 prints some of it later
            *_RESULTS[test],
            Rule("General statistics:", goto="general"),
            Rule("Test execution summary:", goto="general"),  # 0.4
        ),
        "general": _GENERAL,
        "fairness": (
            Rule("events (avg/stddev): {fairness.events.avg:.4}/{fairness.events.stddev:.2}"),
            Rule(
                "execution time (avg/stddev): {fairness.execution_time_s.avg:.4}/{fairness.execution_time_s.stddev:.2}",
                goto=END,
            ),
        ),
        END: (),
    }


def completed(found: dict[str, Any]) -> dict[str, Any]:
    """With the sum of latencies, and the rates of files, which 1.0 prints itself."""
    event_time, files = found.pop("event_time_s", None), found.pop("files", None)
    if event_time is not None and "latency_ms" in found:
        found["latency_ms"]["sum"] = round(1000 * event_time, 2)
    seconds = found.get("total_time_s")
    if files and seconds and {"reads", "read_mib"} <= set(files):
        found["fileio"] = {
            "reads_per_second": round(files["reads"] / seconds, 2),
            "writes_per_second": round(files["writes"] / seconds, 2),
            "fsyncs_per_second": round(files["fsyncs"] / seconds, 2),
            "read_mib_per_second": round(files["read_mib"] / seconds, 2),
            "written_mib_per_second": round(files["written_mib"] / seconds, 2),
        }
    return found
