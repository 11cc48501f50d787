# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._bench import ping
from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError

SAMPLES = Path(__file__).parent / "samples/tools"
WHOLE = (SAMPLES / "ping-20221126.txt").read_text()


def code_of(text):
    with pytest.raises(HypervisorError) as caught:
        ping.parse(text)
    return caught.value.code


def test_round_trips_and_losses_are_numbers():
    found = ping.parse(WHOLE)
    assert (found["sent"], found["received"], found["lost_percent"]) == (3, 3, 0)
    printed = WHOLE.split(" = ")[1].split(" ")[0].split("/")
    assert found["rtt_ms"] == dict(zip(("min", "avg", "max", "mdev"), map(float, printed)))
    assert found["events"] == 3 and found["latency_ms"]["avg"] == found["rtt_ms"]["avg"]


def test_errors_duplicates_and_a_pipe_are_read():
    text = WHOLE.replace("3 received, 0%", "2 received, +1 duplicates, +1 errors, 33.3333%")
    found = ping.parse(text.replace(" ms\n", " ms, pipe 2\n"))
    assert (found["errors"], found["duplicates"], found["lost_percent"]) == (1, 1, 33.3333)


def test_no_answer_and_half_an_output_are_errors():
    assert code_of((SAMPLES / "ping-20221126-lost.txt").read_text()) == "NO_EVENTS"
    assert code_of("") == "TRUNCATED_OUTPUT"
    lines = WHOLE.splitlines(keepends=True)
    for end in range(1, len(lines)):
        assert code_of("".join(lines[:end])) == "TRUNCATED_OUTPUT"
    assert code_of(WHOLE[:-8]) == "UNKNOWN_OUTPUT"
    assert code_of(WHOLE.replace("rtt min", "rtt  max")) == "UNKNOWN_OUTPUT"
