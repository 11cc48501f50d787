# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What a host can count about the causes of a cost: events of the processor, of the kernel, and of KVM.

They are those of C(perf stat), asked of the kernel by the same system call: no program has to be there.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator, Mapping, NamedTuple, Sequence

from .._errors import HypervisorError

_CALL = {"x86_64": 298, "aarch64": 241}
_HARDWARE, _SOFTWARE, _TRACEPOINT, _CACHE = 0, 1, 2, 3
_DTLB_READ_MISSES = 3 | 0 << 8 | 1 << 16
_SIZE = 112  # of struct perf_event_attr, version 5
_INHERIT = 1 << 1
_USER_ONLY = 1 << 5 | 1 << 6  # exclude_kernel, exclude_hv
_TIMES = 1 | 2  # the time in which an event was wanted, and that in which a counter was free for it
_CLOSE_ON_EXEC = 8
_TRACEFS = (Path("/sys/kernel/tracing"), Path("/sys/kernel/debug/tracing"))


class Event(NamedTuple):
    """An event by its kind and number. What a user may count of the processor are the instructions of programs."""

    name: str
    what: str
    kind: int
    number: int
    flags: int = 0


_EVENTS = (
    Event("instructions", "instructions", _HARDWARE, 1, _USER_ONLY),
    Event("cycles", "cycles", _HARDWARE, 0, _USER_ONLY),
    Event("dtlb_misses", "misses of the data TLB", _CACHE, _DTLB_READ_MISSES, _USER_ONLY),
    Event("context_switches", "context switches", _SOFTWARE, 3),
    Event("cpu_migrations", "moves to another CPU", _SOFTWARE, 4),
    Event("page_faults", "page faults", _SOFTWARE, 2),
)


class Count(NamedTuple):
    """What was counted, and the nanoseconds in which it was wanted and in which it was done."""

    value: int
    wanted: int
    done: int


Counts = Mapping[str, Count]


def counters() -> list[dict[str, Any]]:
    """Each event with whether it can be counted, found out by trying, and the reason where it cannot."""
    kvm, reason = _kvm_exits()
    found = [_entry(event, _problem(event)) for event in _EVENTS]
    return [*found, _entry(kvm, reason or _problem(kvm))]


class Counting:
    """The events of a process: of all its threads, and of those that they start."""

    def __init__(self, pid: int, events: Sequence[Event]) -> None:
        self._files: dict[str, list[int]] = {event.name: [] for event in events}
        for event in events:
            for task in Path(f"/proc/{pid}/task").iterdir():
                self._open(event, int(task.name))

    def _open(self, event: Event, thread: int) -> None:
        try:
            self._files[event.name].append(_open(event, thread))
        except OSError as error:
            if error.errno != errno.ESRCH:  # else it has just ended
                self.close()
                raise HypervisorError(
                    f"{event.what} of QEMU's thread {thread} cannot be counted: {error.strerror}. Set perf to false.",
                    "NOT_COUNTABLE",
                ) from error

    def read(self) -> dict[str, Count]:
        """What was counted so far, by the event's name."""
        return {name: _sum(files) for name, files in self._files.items()}

    def close(self) -> None:
        """Count no longer."""
        for file in (file for files in self._files.values() for file in files):
            os.close(file)
        self._files = {}


@contextmanager
def counting(pid: int, wanted: bool) -> Iterator[Counting]:
    """Count what can be counted here of a process while the block lasts; nothing where it is not C(wanted)."""
    kvm, reason = _kvm_exits()
    events = [event for event in (*_EVENTS, *([] if reason else [kvm])) if wanted and not _problem(event)]
    found = Counting(pid, events)
    try:
        yield found
    finally:
        found.close()


def counted(before: Counts, after: Counts) -> dict[str, int | None]:
    """What happened between two readings; None of what never got a counter.

    There are fewer counters than events may be asked for: one that had it for a part of the time is reckoned up.
    """
    return {name: _between(before[name], after[name]) for name in before}


def _between(before: Count, after: Count) -> int | None:
    value, wanted, done = (later - earlier for earlier, later in zip(before, after))
    if not done:
        return None if wanted else 0
    return round(value * wanted / done)


def _sum(files: Sequence[int]) -> Count:
    each = [struct.unpack("=QQQ", os.read(file, 24)) for file in files]
    return Count(*(sum(column) for column in zip((0, 0, 0), *each)))


def _entry(event: Event, problem: str) -> dict[str, Any]:
    return {"name": event.name, "what": event.what, "available": not problem, "reason": problem}


def _problem(event: Event) -> str:
    """Why this process cannot count an event of its own; empty where it can."""
    if platform.machine() not in _CALL:
        return f"not tried on {platform.machine()}"
    try:
        os.close(_open(event, 0))
    except OSError as error:
        return f"perf_event_open: {error.strerror}{_hint(error.errno)}"
    return ""


def _open(event: Event, thread: int) -> int:
    """A file from which the event of a thread can be read, of this one where it is 0."""
    attributes = ctypes.create_string_buffer(
        struct.pack("=IIQQQQQ", event.kind, _SIZE, event.number, 0, 0, _TIMES, event.flags | _INHERIT), _SIZE
    )
    libc = ctypes.CDLL(None, use_errno=True)
    file = libc.syscall(_CALL[platform.machine()], attributes, thread, -1, -1, ctypes.c_ulong(_CLOSE_ON_EXEC))
    if file < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(file)


def _hint(number: int | None) -> str:
    if number in (errno.EPERM, errno.EACCES):
        return ", see /proc/sys/kernel/perf_event_paranoid"
    return ", this processor shows no such counter here" if number in (errno.ENOENT, errno.EOPNOTSUPP) else ""


def _kvm_exits(places: Sequence[Path] = _TRACEFS, module: Path = Path("/sys/module/kvm")) -> tuple[Event, str]:
    """The exits of KVM guests, which have another number in each kernel, and why they cannot be counted."""
    number, reason = 0, "it takes root and a mounted tracefs" if module.is_dir() else "the kernel has no module kvm"
    for place in places:
        try:
            number, reason = int((place / "events/kvm/kvm_exit/id").read_text(encoding="ascii")), ""
            break
        except OSError:
            continue
    return Event("kvm_events", "exits of KVM guests", _TRACEPOINT, number), reason
