# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What QEMU is told of a guest's memory: the real one understands it, and says what the host lacks."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

from ansible_collections.mini.hypervisor.plugins.module_utils._probe import pages, qemu
from ansible_collections.mini.hypervisor.plugins.module_utils._probe.build import Image

MACHINE = qemu.Machine("tcg", "q35", "qemu64", 1, 256, None, None, "", False, None)
IMAGE = Image(Path("/kernel"), Path("/initrd"), "", "", {})


def test_huge_pages_are_taken_at_once():
    plain = qemu.command("qemu", MACHINE, IMAGE, "guest")
    assert plain[plain.index("-machine") + 1] == "q35" and "-object" not in plain
    command = qemu.command("qemu", replace(MACHINE, hugepages=True), IMAGE, "guest")
    assert command[command.index("-machine") + 1] == "q35,memory-backend=memory"
    assert command[command.index("-object") + 1].endswith("size=256M,hugetlb=on,prealloc=on")


def test_qemu_says_that_there_are_too_few_of_them():
    """A host has no petabyte of them, so that QEMU understands all and stops there."""
    settings = replace(MACHINE, hugepages=True, memory_mib=1 << 30)
    done = subprocess.run(
        qemu.command("qemu-system-x86_64", settings, IMAGE, "guest"), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and ("memory" in done.stderr and "Property" not in done.stderr)


def test_free_pages_are_those_that_are_promised_to_nobody(tmp_path):
    meminfo = tmp_path / "meminfo"
    meminfo.write_text(
        "MemTotal:  100 kB\nHugePages_Total:  20\nHugePages_Free:  12\nHugePages_Rsvd:  2\nHugepagesize:  2048 kB\n"
    )
    assert pages.hugepages(meminfo) == {"size_kib": 2048, "total_mib": 40, "free_mib": 20}
    assert pages.hugepages(tmp_path / "nowhere") == {"size_kib": 0, "total_mib": 0, "free_mib": 0}
