# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._bench import cyclictest
from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError

SAMPLES = Path(__file__).parent / "samples/tools"
JSON = (SAMPLES / "cyclictest-2.40.json").read_text()
TEXT = (SAMPLES / "cyclictest-2.40.txt").read_text()


def code_of(parse, text):
    with pytest.raises(HypervisorError) as caught:
        parse(text)
    return caught.value.code


def test_latencies_of_each_thread_and_of_all_are_numbers():
    found = cyclictest.parse_json(JSON)
    assert found["threads"] == [
        {"cycles": 1000, "wakeup_us": {"min": 12, "avg": 28.24, "max": 168}},
        {"cycles": 667, "wakeup_us": {"min": 8, "avg": 24.43, "max": 236}},
    ]
    assert found["wakeup_us"] == {"min": 8, "avg": pytest.approx((28240 + 24.43 * 667) / 1667), "max": 236}
    assert found["events"] == 1667 and found["latency_ms"]["max"] == 0.236


def test_the_text_of_the_same_run_says_the_same():
    whole, printed = cyclictest.parse_json(JSON), cyclictest.parse_text(TEXT)
    for thread in whole["threads"]:
        thread["wakeup_us"]["avg"] = int(thread["wakeup_us"]["avg"])
    assert printed["threads"] == whole["threads"] and printed["events"] == whole["events"]


def test_numbers_that_fill_their_columns_are_read():
    line = "T:12 ( 9) P: 0 I:250000 C:1234567 Min:1000001 Act:123456 Avg:234567 Max:12345678\n"
    (thread,) = cyclictest.parse_text(line)["threads"]
    assert thread == {"cycles": 1234567, "wakeup_us": {"min": 1000001, "avg": 234567, "max": 12345678}}


def test_half_an_output_and_garbled_ones_are_errors():
    second = TEXT.index("T: 1")  # before it only a thread is missing, and the module counts those
    for end in {*range(len(TEXT))} - {second}:
        assert code_of(cyclictest.parse_text, TEXT[:end]) == "TRUNCATED_OUTPUT"
    for end in range(len(JSON.rstrip())):
        assert code_of(cyclictest.parse_json, JSON[:end]) == "TRUNCATED_OUTPUT"
    assert code_of(cyclictest.parse_text, TEXT.replace("Avg:", "Mean:")) == "UNKNOWN_OUTPUT"
    assert code_of(cyclictest.parse_json, JSON.replace('"avg"', '"mean"')) == "TRUNCATED_OUTPUT"
    assert code_of(cyclictest.parse_json, '{"thread": {}}') == "TRUNCATED_OUTPUT"
    assert code_of(cyclictest.parse_json, '{"thread": {"0": 1}}') == "TRUNCATED_OUTPUT"


def test_a_thread_that_never_woke_up_measured_nothing():
    assert code_of(cyclictest.parse_json, JSON.replace('"cycles": 667', '"cycles": 0')) == "NO_EVENTS"
    assert code_of(cyclictest.parse_text, TEXT.replace("C:    667", "C:      0")) == "NO_EVENTS"
