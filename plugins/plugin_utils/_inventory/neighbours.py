# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The table of neighbours that this machine's kernel keeps."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

_TABLE = Path("/proc/net/arp")
_COMPLETE = 0x2


def own_table() -> dict[str, dict[str, Any]]:
    """The table, in the form of libvirt's answer."""
    with suppress(OSError):
        return parse(_TABLE.read_text())
    return {}


def parse(text: str) -> dict[str, dict[str, Any]]:
    """The entries that the kernel knows the MAC address of, each named by its IPv4 address."""
    found = {}
    for line in text.splitlines()[1:]:
        address, _type, flags, mac, *_rest = line.split()
        if int(flags, 16) & _COMPLETE:
            found[address] = {"hwaddr": mac, "addrs": [{"addr": address, "prefix": 0}]}
    return found
