# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._bench import fio, fio_run
from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError

SAMPLES = Path(__file__).parent / "samples/tools"
MIXED = (SAMPLES / "fio-3.33-randrw.json").read_text()


def code_of(text):
    with pytest.raises(HypervisorError) as caught:
        fio.parse(text)
    return caught.value.code


def test_a_mix_has_reads_and_writes_and_both_together():
    found = fio.parse(MIXED)
    assert (found["version"], found["test"]) == ("3.33", "randrw")
    read, write = found["read"], found["write"]
    assert read["iops"] == pytest.approx(21324.675325) and read["total_ios"] == 21346
    assert read["mib_per_second"] == pytest.approx(87345870 / 2**20) and read["runtime_s"] == 1.001
    assert read["clat_ms"]["mean"] == pytest.approx(0.214448822) and read["clat_ms"]["p99"] == 2.53952
    assert read["clat_ms"]["p99_9"] == 19.791872 and read["slat_ms"]["min"] == 0.004548
    assert found["events"] == read["total_ios"] + write["total_ios"]
    assert found["events_per_second"] == pytest.approx(read["iops"] + write["iops"])
    low, high = sorted((read["lat_ms"]["mean"], write["lat_ms"]["mean"]))
    assert low <= found["latency_ms"]["avg"] <= high


def test_jobs_of_a_group_are_one_and_what_was_not_done_is_none():
    found = fio.parse((SAMPLES / "fio-3.33-read-two-jobs.json").read_text())
    assert found["write"] is None and found["read"]["iops"] > 0 and found["warnings"] == []
    assert found["mib_per_second"] == found["read"]["mib_per_second"]


def test_warnings_before_the_result_are_kept():
    found = fio.parse((SAMPLES / "fio-3.33-warning.json").read_text())
    assert found["warnings"][0].startswith("note: both iodepth >= 1 and synchronous I/O engine are selected")


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.9, 0.999])
def test_a_cut_off_output_is_refused_wherever_it_ends(share):
    assert code_of(MIXED.rstrip()[: int(len(MIXED.rstrip()) * share)]) == "TRUNCATED_OUTPUT"


def test_errors_are_told():
    assert code_of((SAMPLES / "fio-3.33-error.json").read_text()) == "FIO_FAILED"
    assert code_of(MIXED.replace("fio-3.33", "fio-2.16")) == "UNSUPPORTED_VERSION"
    assert code_of(MIXED + "more") == "UNKNOWN_OUTPUT"
    assert code_of(MIXED.replace('"iops" : 21324', '"iopz" : 21324')) == "TRUNCATED_OUTPUT"
    assert code_of("\x00\x01 garbage") == "TRUNCATED_OUTPUT"
    idle = json.loads(MIXED)
    for name in ("read", "write"):
        idle["jobs"][0][name]["io_bytes"] = 0
    assert code_of(json.dumps(idle)) == "NO_EVENTS"


def test_the_command_line_has_what_was_asked_for():
    params = {name: option.get("default") for name, option in fio_run.SPEC.items()}
    words = fio_run.arguments({**params, "filename": "/d/f", "rw": "randrw", "rwmixread": 70, "iodepth": 32})
    assert {"--filename=/d/f", "--rw=randrw", "--rwmixread=70", "--iodepth=32", "--direct=1", "--size=256M"} < set(
        words
    )
    assert {"--time_based", "--group_reporting", "--norandommap", "--percentile_list=50:95:99"} < set(words)
    assert "--norandommap" not in fio_run.arguments({**params, "filename": "f", "rw": "read"})
