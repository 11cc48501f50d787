# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The huge pages that a host has reserved: a guest can consist of those that are free."""

from __future__ import annotations

import re
from pathlib import Path


def hugepages(meminfo: Path = Path("/proc/meminfo")) -> dict[str, int]:
    """Their size in KiB, and how many MiB of them are there and free; zeros where the kernel has none."""
    try:
        found = dict(re.findall(r"^(\w+):\s+(\d+)", meminfo.read_text(encoding="utf-8"), re.MULTILINE))
    except OSError:
        found = {}
    size, total, free = (int(found.get(name, 0)) for name in ("Hugepagesize", "HugePages_Total", "HugePages_Free"))
    # Some that are free are promised to others already.
    free -= int(found.get("HugePages_Rsvd", 0))
    return {"size_kib": size, "total_mib": total * size // 1024, "free_mib": max(0, free) * size // 1024}
