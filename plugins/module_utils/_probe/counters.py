# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What a host could tell about the causes of a cost: processor counters, and KVM's events. Found out by trying."""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from pathlib import Path
from typing import Any

_CALL = {"x86_64": 298, "aarch64": 241}
_HARDWARE, _CACHE = 0, 3
_DTLB_READ_MISSES = 3 | 0 << 8 | 1 << 16
_EVENTS = {
    "instructions": ("instructions", _HARDWARE, 1),
    "cycles": ("cycles", _HARDWARE, 0),
    "dtlb_misses": ("misses of the data TLB", _CACHE, _DTLB_READ_MISSES),
}
_SIZE = 112  # of struct perf_event_attr, version 5
_USER_ONLY = 1 << 5 | 1 << 6  # exclude_kernel, exclude_hv


def counters() -> list[dict[str, Any]]:
    """Each signal with whether it is there, and the reason where it is not."""
    found = [_entry(name, what, _open(kind, event)) for name, (what, kind, event) in _EVENTS.items()]
    return [*found, _entry("kvm_events", "exits of KVM guests", _kvm_events())]


def _entry(name: str, what: str, problem: str) -> dict[str, Any]:
    return {"name": name, "what": what, "available": not problem, "reason": problem}


def _open(kind: int, event: int) -> str:
    """Why this process cannot count an event of its own; empty where it can."""
    number = _CALL.get(platform.machine())
    if number is None:
        return f"not tried on {platform.machine()}"
    attributes = ctypes.create_string_buffer(
        struct.pack("=IIQQQQQ", kind, _SIZE, event, 0, 0, 0, _USER_ONLY).ljust(_SIZE, b"\0"), _SIZE
    )
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.syscall(number, attributes, 0, -1, -1, ctypes.c_ulong(0))
    if descriptor < 0:
        return f"perf_event_open: {os.strerror(ctypes.get_errno())}{_hint(ctypes.get_errno())}"
    os.close(descriptor)
    return ""


def _hint(number: int) -> str:
    if number in (1, 13):
        return ", see /proc/sys/kernel/perf_event_paranoid"
    return ", this processor shows no such counter here" if number in (2, 95) else ""


def _kvm_events(root: Path = Path("/sys")) -> str:
    for place in ("kernel/tracing/events/kvm", "kernel/debug/tracing/events/kvm"):
        try:
            if (root / place).is_dir() and os.access(root / place / "enable", os.R_OK):
                return ""
        except OSError:
            continue
    if not (root / "module/kvm").is_dir():
        return "the kernel has no module kvm"
    return "the kernel's events of kvm are not readable: it takes root and a mounted tracefs"
