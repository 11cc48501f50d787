# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What is done with running probe guests: facts of each, and one test after the other on all at once."""

from __future__ import annotations

import re
import time
from typing import Any, Callable, Mapping, Sequence, Tuple

from .._bench import machine, sysbench
from .._errors import HypervisorError
from . import counters, disk, tests, threads
from .guest import END, READY, UP, Guest, wait

# The clock source counts once the kernel has settled on one: it starts with tsc-early.
_FACTS = (
    "cd /sys/devices/system/clocksource/clocksource0; n=0;"
    ' while [ $n -lt 50 ] && [ "$(cat current_clocksource)" = tsc-early ]; do sleep 0.1; n=$((n+1)); done;'
    ' echo "FACT clock_current $(cat current_clocksource)"; echo "FACT clock_available $(cat available_clocksource)";'
    ' echo "FACT kernel $(uname -r)"; echo "FACT architecture $(uname -m)"; echo "FACT cpus $(nproc)";'
    " read -r _ memory _ </proc/meminfo; echo FACT memory_kib $memory;"
    " read -r up _ </proc/uptime; echo FACT uptime $up;"
    ' grep -m1 "model name" /proc/cpuinfo'
)
_FACT = re.compile(r"^FACT (\w+) (.*)$")
_MODEL = re.compile(r"^model name\s*: (.*)$")
_BEGUN = re.compile(r"^Threads started!")
_FIRST_RESULT = re.compile(
    r"^(CPU speed:|File operations:|Total operations:|Operations performed:|General statistics:|Throughput:)"
)
_DRIFT, _DELAY = 0.1, 0.5
"""How much the guest's clock may differ from the host's: a share of the time, and the seconds a line may be late."""

_Seen = Tuple[threads.Reading, counters.Counts]


def boot(guests: Sequence[Guest], deadline: float) -> list[float]:
    """Wait until each is up; the seconds from the start of QEMU until its first process ran."""
    wait(guests, lambda guest: guest.when(READY) is not None, deadline, "boot")
    return [round(guest.when(UP) or 0.0, 3) for guest in guests]


def prepare(guests: Sequence[Guest], asked: disk.Disk, deadline: float) -> None:
    """Give the disk of each a filesystem with a file; an error where a guest does not see the disk that it has."""
    for guest in guests:
        ready = next(line for _seen, line in guest.lines if READY.match(line))
        if disk.DEVICE not in ready.split("disks=")[-1].split():
            raise HypervisorError(
                f"The kernel of {guest.name} sees no disk: it has no driver for virtio built in. Leave out kernel, and"
                " the distribution's is taken, with its modules.",
                "NO_DISK",
            )
    _run(guests, [disk.preparation(asked)] * len(guests), deadline, "prepare its disk")


def environments(guests: Sequence[Guest], deadline: float) -> list[dict[str, Any]]:
    """What each guest is."""
    return [_environment(lines) for lines in _run(guests, [_FACTS] * len(guests), deadline, "answer")]


def measure(
    guests: Sequence[Guest],
    wanted: Sequence[Mapping[str, Any]],
    counting: Sequence[counters.Counting],
    deadline: float,
) -> list[dict[str, Any]]:
    """Run one test on each guest, all at once; C(wanted) has one for each, C(counting) what counts its events."""
    counts = {guest.name: count for guest, count in zip(guests, counting)}
    after: dict[str, _Seen] = {}

    def reading(guest: Guest) -> _Seen:
        return threads.Reading(time.monotonic(), threads.times(guest.process.pid)), counts[guest.name].read()

    def ended(guest: Guest) -> None:
        # Not when all have: one that ended earlier has nothing to do then.
        after[guest.name] = reading(guest)

    started, before = machine.now(), {guest.name: reading(guest) for guest in guests}
    commands = [tests.line(test) for test in wanted]
    places = [len(guest.lines) for guest in guests]
    printed = _run(guests, commands, deadline, "finish its test", ended)
    return [
        {
            **_parsed(guest, test, lines),
            "name": test["name"],
            "command": tests.command(test),
            "started": started,
            "host_time_s": _host_time(guest, place),
            **_spent(before[guest.name], after[guest.name]),
        }
        for guest, test, lines, place in zip(guests, wanted, printed, places)
    ]


def _spent(before: _Seen, after: _Seen) -> dict[str, Any]:
    return {**threads.spent(before[0], after[0]), "perf": counters.counted(before[1], after[1])}


def check_clock(guest: Guest, found: Mapping[str, Any]) -> None:
    """Refuse a result that the guest's clock has spoiled: a kernel that boots on a busy host may measure it wrongly."""
    inside, outside = found["total_time_s"], found["host_time_s"]
    if inside is None or outside is None or abs(inside - outside) <= _DELAY + _DRIFT * outside:
        return
    raise HypervisorError(
        f"The clock of {guest.name} is wrong: its test took {inside:g} s there, and {outside:g} s on the host. Boot it"
        " when the host is less busy, or tell the kernel the frequency (kernel_arguments: tsc_early_khz=...).",
        "CLOCK_WRONG",
        guest_s=inside,
        host_s=outside,
    )


def _run(
    guests: Sequence[Guest],
    commands: Sequence[str],
    deadline: float,
    what: str,
    then: Callable[[Guest], None] = lambda _guest: None,
) -> list[list[str]]:
    """Run a line of shell on each, all at once, and do C(then) with each as it is done; what each printed."""
    places = {guest.name: len(guest.lines) for guest in guests}
    for guest, command in zip(guests, commands):
        guest.send(command)
    wait(guests, lambda guest: guest.when(END, places[guest.name]) is not None, deadline, what, then)
    return [_between(guest, command, places[guest.name]) for guest, command in zip(guests, commands)]


def _between(guest: Guest, command: str, place: int) -> list[str]:
    """The lines between the marks that stand around a command's output."""
    lines = [line for _seen, line in guest.lines[place:]]
    first = next(number for number, line in enumerate(lines) if line == f"=== BEGIN {command}")
    last, status = next((number, found.group(1)) for number, found in enumerate(map(END.match, lines)) if found)
    if status != "0":
        said = " ".join(line for line in lines[first + 1 : last] if line.strip())[-500:]
        raise HypervisorError(
            f"{guest.name}: '{command}' failed with code {status}: {said or 'no output'}", "COMMAND_FAILED"
        )
    return lines[first + 1 : last]


def _parsed(guest: Guest, test: Mapping[str, Any], lines: Sequence[str]) -> dict[str, Any]:
    try:
        return sysbench.parse("\n".join(lines), test["test"])
    except HypervisorError as error:
        error.details["output"] = "\n".join(lines)[-4000:]
        error.details["guest"] = guest.name
        raise


def _host_time(guest: Guest, place: int) -> float | None:
    """The test's time by the host's clock: from the line that it begins until the first line of its result."""
    begun, ended = guest.when(_BEGUN, place), guest.when(_FIRST_RESULT, place)
    return round(ended - begun, 3) if begun is not None and ended is not None else None


def _environment(lines: Sequence[str]) -> dict[str, Any]:
    """As of any machine. It has no system but this one, and nothing that governs its frequency."""
    facts = {found.group(1): found.group(2) for found in map(_FACT.match, lines) if found}
    model = next((found.group(1) for found in map(_MODEL.match, lines) if found), "")
    return {
        "architecture": facts.get("architecture", ""),
        "kernel": facts.get("kernel", ""),
        "os": "probe guest",
        "cpu_model": model.strip(),
        "cpus": int(facts.get("cpus", "0")),
        "memory_mib": int(facts.get("memory_kib", "0")) // 1024,
        "clock_source": {
            "current": facts.get("clock_current", ""),
            "available": facts.get("clock_available", "").split(),
        },
        "governor": None,
        "uptime_s": int(float(facts.get("uptime", "0"))),
    }
