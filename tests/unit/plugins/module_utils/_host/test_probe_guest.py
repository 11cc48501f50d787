# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.mini.hypervisor.plugins.module_utils._host import probe_guest


def test_the_answer_is_that_of_the_loop_done_step_by_step():
    x = 0x6D696E692E687970
    for _step in range(1024):
        x = (x * 6364136223846793005 + 1442695040888963407) % 2**64
    assert probe_guest.answer(1024) == f"{x:016x}"


def test_the_guest_is_a_boot_sector_that_counts_the_steps_told():
    image = probe_guest.boot_sector()
    assert len(image) == 512 and image[510:] == b"\x55\xaa"
    assert b"\xb9" + probe_guest.STEPS.to_bytes(4, "little") in image  # mov ecx, steps
