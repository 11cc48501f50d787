# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._bench.sysbench import (
    parse,
    parse_cleanup,
    parse_prepare,
)
from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError

SAMPLES = Path(__file__).parent / "samples"

EXPECTED = {
    "1.0.20-cpu": {
        "version": "1.0.20",
        "build": "using system LuaJIT 2.1.0-beta3",
        "options": {"max_prime": 20000},
        "threads": 1,
        "events": 1317,
        "total_time_s": 1.0009,
        "events_per_second": 1314.45,
        "operations": None,
        "mib_per_second": None,
        "fileio": None,
        "latency_ms": {
            "min": 0.73,
            "avg": 0.76,
            "max": 1.01,
            "sum": 1000.22,
            "percentile": {"rank": 95, "value": 0.81},
        },
        "fairness": {
            "events": {"avg": 1317.0, "stddev": 0.0},
            "execution_time_s": {"avg": 1.0002, "stddev": 0.0},
        },
        "intervals": [],
        "histogram": [],
        "warnings": [],
    },
    "1.0.20-cpu-rate": {
        "options": {"rate": 100, "report_interval_s": 1, "max_prime": 10000},
        "intervals": [
            {
                "time_s": 1,
                "threads": 1,
                "events_per_second": 91.85,
                "latency_ms": None,
                "queue_length": 0,
                "concurrency": 1,
            },
            {
                "time_s": 2,
                "threads": 1,
                "events_per_second": 98.04,
                "latency_ms": None,
                "queue_length": 0,
                "concurrency": 0,
            },
        ],
        "latency_ms": {"min": 0.29, "avg": 0.33, "max": 0.63, "sum": 63.03, "percentile": None},
    },
    "1.0.20-memory": {
        "operations": 8297134,
        "operations_per_second": 8283176.73,
        "transferred_mib": 8102.67,
        "mib_per_second": 8089.04,
        "options": {"block_size_kib": 1, "total_size_mib": 102400, "operation": "write", "scope": "global"},
    },
    "1.0.20-memory-none": {"transferred_mib": None, "mib_per_second": None, "operations": 9936820},
    "1.0.20-memory-intervals": {
        "intervals": [{"time_s": 1, "mib_per_second": 8388.82}, {"time_s": 2, "mib_per_second": 8382.0}],
    },
    "1.0.20-threads": {"events": 9639, "events_per_second": 9624.5632, "threads": 2},
    "1.0.20-mutex": {"total_time_s": 0.0002, "events": 2},
    "1.0.20-fileio-rndrw": {
        "fileio": {
            "reads_per_second": 55335.13,
            "writes_per_second": 36890.08,
            "fsyncs_per_second": 1845.17,
            "read_mib_per_second": 864.61,
            "written_mib_per_second": 576.41,
        },
        "events": 282438,
    },
    "1.0.4-cpu": {"events_per_second": 1330.6008, "total_time_s": 1.0003},
    "1.0.4-memory": {"operations": 14518930, "operations_per_second": 7255476.33, "transferred_mib": 14178.64},
    "1.0.7-memory": {"operations_per_second": 8719319.36},
    "1.1.0-cpu": {
        "events": 2547,
        "events_per_second": 1274.3666,
        "total_time_s": 2.0012,
        "options": {"warmup_time_s": 1, "report_interval_s": 1, "max_prime": 20000},
    },
    "1.1.0-memory": {"mib_per_second": 7993.68, "total_time_s": 1.0001},
    "1.1.0-mutex": {"total_time_s": 0.0002, "events": 1},
    "1.1.0-fileio-rndrw": {
        "fileio": {
            "reads_per_second": 63580.83,
            "writes_per_second": 42387.22,
            "fsyncs_per_second": 2119.86,
            "read_mib_per_second": 993.45,
            "written_mib_per_second": 662.3,
        },
        "events": None,
        "total_time_s": None,
        "fairness": None,
        "latency_ms": {"min": 0.0, "avg": 0.01, "max": 1.71, "sum": 1960.81, "percentile": {"rank": 95, "value": 0.0}},
    },
}
FAILING = {
    "1.0.20-cpu-forced": ("FORCED_SHUTDOWN", "forcing shutdown"),
    "1.0.20-memory-zero-events": ("NO_EVENTS", "memory"),
    "1.0.20-fileio-unprepared": ("SYSBENCH_FAILED", "Cannot open file 'test_file.0'"),
    "1.0.20-queue-full": ("SYSBENCH_FAILED", "event queue is full"),
    "1.0.20-interrupted": ("TRUNCATED_OUTPUT", "Threads started!"),
    "1.0.20-cpu-checkpoints": ("UNKNOWN_OUTPUT", "Line 5 of the output has no place there: 'Report checkpoint(s)"),
    "1.0.20-cpu-verbose": ("UNKNOWN_OUTPUT", "Doing CPU performance benchmark"),
}
RUNS = sorted(
    path.stem
    for path in SAMPLES.glob("*.txt")
    if path.stem not in FAILING and "prepare" not in path.stem and "cleanup" not in path.stem
)


def sample(name: str) -> str:
    return (SAMPLES / f"{name}.txt").read_text()


def test_of(name: str) -> str:
    test = name.split("-")[1]
    return "cpu" if test in ("interrupted", "queue") else test


test_of.__test__ = False


@pytest.mark.parametrize("name", EXPECTED)
def test_every_value_is_read(name):
    result = parse(sample(name), test_of(name))
    assert {key: result[key] for key in EXPECTED[name]} == EXPECTED[name]


@pytest.mark.parametrize("name", RUNS)
def test_every_sample_is_read_with_the_same_keys(name):
    assert set(parse(sample(name), test_of(name))) == set(parse(sample("1.0.20-cpu"), "cpu"))


@pytest.mark.parametrize("name", RUNS)
def test_carriage_returns_of_a_console_mean_nothing(name):
    text = sample(name)
    assert parse(text.replace("\n", "\r\n"), test_of(name)) == parse(text, test_of(name))


@pytest.mark.parametrize("name", FAILING)
def test_what_is_no_result_says_why(name):
    code, message = FAILING[name]
    with pytest.raises(HypervisorError) as error:
        parse(sample(name), test_of(name))
    assert error.value.code == code and message in str(error.value)


@pytest.mark.parametrize("name", RUNS)
def test_an_output_cut_off_anywhere_is_an_error(name):
    text = sample(name).rstrip()
    for end in range(len(text)):
        with pytest.raises(HypervisorError) as error:
            parse(text[:end], test_of(name))
        assert error.value.code in ("TRUNCATED_OUTPUT", "UNKNOWN_OUTPUT")


def test_a_line_out_of_its_place_is_shown():
    lines = sample("1.0.20-cpu").split("\n")
    for place in range(2, len(lines)):
        with pytest.raises(HypervisorError, match=r"Line \d+ .*'Segmentation fault'"):
            parse("\n".join([*lines[:place], "Segmentation fault", *lines[place:]]), "cpu")


def test_another_test_is_not_read_as_this_one():
    with pytest.raises(HypervisorError, match="Prime numbers limit"):
        parse(sample("1.0.20-cpu"), "memory")


def test_the_histogram_counts_every_event():
    result = parse(sample("1.0.20-cpu-intervals-histogram"), "cpu")
    assert result["histogram"][0] == {"latency_ms": 0.28, "count": 2}
    assert sum(row["count"] for row in result["histogram"]) == result["events"]


def test_an_old_version_is_refused_by_name():
    with pytest.raises(HypervisorError) as error:
        parse_prepare("sysbench 0.5:  multi-threaded system evaluation benchmark\n")
    assert error.value.code == "UNSUPPORTED_VERSION" and "sysbench 0.5 " in str(error.value)


def test_preparing_and_cleaning_up():
    written = parse_prepare(sample("1.0.20-fileio-prepare"))
    assert (written["bytes_written"], written["mib_per_second"]) == (33554432, 1131.81)
    assert parse_prepare(sample("1.0.20-fileio-prepare-again"))["bytes_written"] == 0
    assert parse_prepare(sample("1.1.0-fileio-prepare"))["version"] == "1.1.0"
    assert parse_cleanup(sample("1.0.20-fileio-cleanup"))["version"] == "1.0.20"
    with pytest.raises(HypervisorError):
        parse_prepare(sample("1.0.20-fileio-prepare").rstrip()[:-1])
