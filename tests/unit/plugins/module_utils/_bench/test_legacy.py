# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sysbench 0.4 and 0.5, which nobody packages any more: the samples are not recorded, but composed from the formats."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._bench.sysbench import parse
from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError

SAMPLES = Path(__file__).parent / "samples/documented"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.txt"))


def text_of(name):
    return (SAMPLES / f"{name}.txt").read_text(), name.split("-")[1]


@pytest.mark.parametrize("version", ["0.4.12", "0.5"])
def test_the_rate_follows_from_events_and_time(version):
    found = parse(*text_of(f"{version}-cpu"))
    assert (found["version"], found["events"], found["total_time_s"]) == (version, 10000, 24.5743)
    assert found["events_per_second"] == round(10000 / 24.5743, 4)
    assert found["latency_ms"] == {
        "min": 2.39,
        "avg": 2.46,
        "max": 5.84,
        "sum": 24571.3,
        "percentile": {"rank": 95, "value": 2.52},
    }
    assert found["options"]["max_prime"] == 20000 and found["fairness"]["events"]["avg"] == 10000


@pytest.mark.parametrize("version", ["0.4.12", "0.5"])
def test_megabytes_are_mebibytes(version):
    found = parse(*text_of(f"{version}-memory"))
    assert (found["operations"], found["operations_per_second"]) == (104857600, 1768220.66)
    assert (found["transferred_mib"], found["mib_per_second"]) == (102400.0, 1726.78)
    assert found["threads"] == 2


@pytest.mark.parametrize("version", ["0.4.12", "0.5"])
def test_the_rates_of_files_are_computed(version):
    text, test = text_of(f"{version}-fileio-rndrw")
    assert parse(text, test)["fileio"] == {
        "reads_per_second": 187.31,
        "writes_per_second": 124.88,
        "fsyncs_per_second": 6.19,
        "read_mib_per_second": 2.93,
        "written_mib_per_second": 1.95,
    }
    without_letter = parse(text.replace("Read 29.297Mb", "Read 30720128b"), test)
    assert without_letter["fileio"]["read_mib_per_second"] == 2.93


@pytest.mark.parametrize("name", NAMES)
def test_a_cut_off_or_garbled_output_is_an_error(name):
    text, test = text_of(name)
    lines = text.splitlines(keepends=True)
    last = max(number for number, line in enumerate(lines) if line.strip())
    for end in range(1, last + 1):
        with pytest.raises(HypervisorError):
            parse("".join(lines[:end]), test)
    with pytest.raises(HypervisorError) as caught:
        parse(text.replace("total number", "t0tal number"), test)
    assert caught.value.code == "UNKNOWN_OUTPUT"
