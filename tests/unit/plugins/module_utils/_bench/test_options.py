# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._bench.options import (
    GENERAL,
    OPTIONS,
    arguments,
    complete,
    size,
)
from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError

UNSET = {**{name: spec.get("default") for name, spec in GENERAL.items()}, **{option.name: None for option in OPTIONS}}


def command(**options):
    return " ".join(arguments(complete({**UNSET, **options})))


def test_the_defaults_are_the_reference_tests():
    assert command() == "cpu --threads=1 --time=10 --percentile=95 --cpu-max-prime=20000 run"
    assert command(test="memory") == (
        "memory --threads=1 --time=10 --percentile=95 --memory-block-size=1K --memory-total-size=102400M"
        " --memory-scope=global --memory-oper=write --memory-access-mode=seq run"
    )


def test_lists_and_switches():
    assert command(
        test="fileio",
        chdir="/srv",
        file_test_mode="rndrw",
        file_extra_flags=["sync", "direct"],
        file_fsync_end=False,
        file_rw_ratio=1.5,
        histogram=True,
    ) == (
        "fileio --threads=1 --time=10 --percentile=95 --histogram=on --file-num=128 --file-total-size=2G"
        " --file-test-mode=rndrw --file-extra-flags=sync,direct --file-fsync-end=off --file-rw-ratio=1.5 run"
    )
    prepare = command(test="fileio", command="prepare", chdir="/srv", file_num=2, file_total_size="32M")
    assert prepare == "fileio --file-num=2 --file-total-size=32M prepare"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"histogram": True, "percentile": 0}, "histogram"),
        ({"percentile": 101}, "percentile is 101"),
        ({"threads": 0}, "threads is 0"),
        ({"time": 0}, "never end"),
        ({"timeout": 10}, "timeout is 10"),
        ({"cpu_max_prime": 0}, "cpu_max_prime is 0"),
        ({"memory_block_size": "1K"}, "memory_block_size is an option of test memory"),
        ({"command": "prepare"}, "only"),
        ({"test": "memory", "memory_block_size": "3K"}, "power of two"),
        ({"test": "memory", "memory_block_size": "1 K"}, "whole number"),
        ({"test": "memory", "memory_block_size": "1G", "memory_total_size": "1G", "threads": 2}, "nothing would be"),
        ({"test": "memory", "events": 5}, "ignores events"),
        ({"test": "fileio", "file_test_mode": "seqrd"}, "needs chdir"),
        ({"test": "fileio", "chdir": "/srv"}, "needs file_test_mode"),
        ({"test": "fileio", "chdir": "/srv", "file_test_mode": "seqrd", "file_total_size": "1"}, "too small"),
    ],
)
def test_what_sysbench_would_refuse_or_ignore_is_refused(options, message):
    with pytest.raises(HypervisorError, match=message) as error:
        command(**options)
    assert error.value.code == "INVALID_OPTION"


def test_sizes():
    assert [size(text) for text in ("7", "1K", "2m", "3G", "100T")] == [7, 2**10, 2**21, 3 * 2**30, 100 * 2**40]
    assert [size(text) for text in ("", "K", "1KiB", "-1", "1.5G")] == [None] * 5
