# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The disk of a probe guest: what is refused, what QEMU is told, and that its file has no name."""

from __future__ import annotations

import os

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._probe import disk, tests

OPTIONS = {"size": 8, "cache": None, "aio": None, "iothread": False}


def test_no_options_are_no_disk():
    assert disk.asked(None) is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"size": 0}, "at least 1 MiB"),
        ({"aio": "native"}, "needs disk.cache none"),
        ({"aio": "native", "cache": "unsafe"}, "none"),
    ],
)
def test_what_cannot_be_is_refused(options, words):
    with pytest.raises(HypervisorError, match=words):
        disk.asked({**OPTIONS, **options})


def test_qemu_is_told_only_what_was_asked_for():
    plain = disk.arguments(disk.asked(OPTIONS), 7)
    assert plain == [
        *("-drive", "if=none,id=disk,format=raw,file=/proc/self/fd/7"),
        *("-device", "virtio-blk-pci,drive=disk"),
    ]
    whole = disk.arguments(disk.asked({**OPTIONS, "cache": "none", "aio": "native", "iothread": True}), 7)
    assert whole[:2] == ["-object", "iothread,id=disk-thread"]
    assert whole[3].endswith(",cache=none,aio=native") and whole[5].endswith(",iothread=disk-thread")


def test_its_file_has_its_space_and_no_name(tmp_path):
    with disk.content(disk.asked(OPTIONS), tmp_path) as file:
        there = os.fstat(file.fileno())
        assert there.st_size > 8 * 2**20 and there.st_blocks * 512 >= 8 * 2**20
        assert not list(tmp_path.iterdir())


def test_a_place_without_room_is_named(tmp_path):
    with pytest.raises(HypervisorError, match=r"cannot be made in .*/nowhere"):
        disk.content(disk.asked(OPTIONS), tmp_path / "nowhere")


def test_fileio_works_on_the_file_of_the_disk():
    test = tests.complete({"test": "fileio", "time": 1, "file_test_mode": "rndrd", "file_extra_flags": "direct"}, 8)
    assert tests.line(test).startswith(f"cd {disk.PLACE} && sysbench fileio ")
    assert {"--file-num=1", "--file-total-size=8M", "--file-extra-flags=direct"} <= set(tests.command(test))
    with pytest.raises(HypervisorError, match="file_num is 2"):
        tests.complete({"test": "fileio", "time": 1, "file_num": 2}, 8)
    with pytest.raises(HypervisorError, match="'fast': give some of sync"):
        tests.complete({"test": "fileio", "time": 1, "file_extra_flags": ["fast"]}, 8)
    assert tests.line(tests.complete({"test": "cpu", "time": 1})).startswith("sysbench cpu ")
