# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._guest.console_log import ConsoleLog

KERNEL = "[    0.000000] Linux version 6.1.0-28-cloud-amd64 (gcc)\r\n"
PANIC = "Kernel panic - not syncing: VFS\r\n"
FINISHED = "Cloud-init v. 22.4.2 finished at Tue\r\n"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "web.log"


def append(path, text):
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write(text)


def test_it_reads_on_even_inside_an_escape_sequence(path):
    log = ConsoleLog(str(path))
    assert log.look().phases == (), "the log need not be there yet"
    append(path, KERNEL + "\x1b[0;3")
    assert log.look().phases == ("kernel",)
    append(path, "2m" + FINISHED)
    assert log.look().phases == ("kernel", "finished")
    assert log.look().tail[-1] == FINISHED.strip()


def test_a_log_that_was_emptied_starts_anew(path):
    append(path, KERNEL + PANIC)
    log = ConsoleLog(str(path))
    assert log.look().failure == "kernel_panic"
    path.write_text(KERNEL)
    assert log.look().failure is None and log.look().phases == ("kernel",)


def test_a_log_that_was_rotated_goes_on(path):
    append(path, KERNEL)
    log = ConsoleLog(str(path))
    path.rename(path.with_name("web.log.0"))
    append(path, FINISHED)
    assert log.look().phases == ("kernel", "finished")
    assert ConsoleLog(str(path)).look().phases == ("kernel", "finished"), "the backup is read as well"


def test_what_was_written_before_the_start_is_of_an_earlier_boot(path):
    append(path, KERNEL + PANIC)
    os.utime(path, (1000, 1000))
    log = ConsoleLog(str(path), started=2000)
    assert log.look().failure is None
    append(path, "No bootable device.\r\n")
    assert log.look().failure == "no_boot_device"
    assert ConsoleLog(str(path), started=2000).look().failure == "kernel_panic"
