# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The work of the module probe_run: boot probe guests, test them, and end them whatever happens."""

from __future__ import annotations

import os
import platform
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any, Mapping

from .._bench import machine as host
from .._errors import HypervisorError
from .._host import accelerator
from .._host.machine import node
from . import backports, build, counters, disk, limits, pages, qemu, session, tests
from .guest import Guest

INSTALLED, BACKPORTS = "qemu-system-x86_64", "backports"
_OWN = ("vcpus", "memory", "cpus", "nice", "quota", "shares", "tests")
"""The options that a guest may have for itself."""
_BOOT, _TEST = 60, 30
"""Seconds for booting, and beyond the time of each test, where no timeout is given: a busy host is slow."""


def probe_run(params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The module's work and result."""
    if platform.machine() != "x86_64":
        raise HypervisorError(f"A probe guest is an x86_64 machine, this host is {platform.machine()}.", "UNSUPPORTED")
    wanted_disk = disk.asked(params["disk"])
    plan = [_guest(params, changes, wanted_disk) for changes in params["guests"] or [{}] * params["count"]]
    _check(params, plan)
    directory = Path(params["directory"]) if params["directory"] else build.default_directory()
    binary = _binary(params["qemu"], directory, check_mode)
    names = accelerator.BEST_FIRST if params["accelerator"] == "auto" else (params["accelerator"],)
    verdicts = accelerator.examine(names, accelerator.Host(binary, {}), False, False)
    chosen, reason = accelerator.choose(params["accelerator"], verdicts)
    if chosen is None:
        raise HypervisorError(f"No accelerator is usable on this host. {reason}", "ACCELERATOR_UNUSABLE")
    unlimited = limits.problem()
    if unlimited and any(guest["limit"] for guest in plan):
        raise limits.refused(unlimited)
    found = {
        "accelerator": chosen,
        "accelerator_reason": reason,
        "accelerators": [asdict(verdict) for verdict in verdicts],
        "qemu": {"path": binary, "version": qemu.version_of(binary)},
        "counters": counters.counters(),
        "environment": host.environment(),
        "usable_cpus": sorted(os.sched_getaffinity(0)),
        "tsc_khz": node()["tsc_khz"],
        "hugepages": pages.hugepages(),
        "cpu_limits": {"reason": unlimited},
    }
    if check_mode:
        wanted = ", ".join(dict.fromkeys(test["name"] for guest in plan for test in guest["tests"]))
        message = f"Would boot {len(plan)} probe guest(s) under {chosen}, and run {wanted or 'nothing'} there."
        return {"changed": False, "msg": message, "probe": {**found, "guests": []}}
    return {"changed": False, "probe": {**found, **_measured(params, plan, wanted_disk, directory, chosen, binary)}}


def _binary(asked: str, directory: Path, check_mode: bool) -> str:
    """The path of QEMU. Check mode fetches none: it looks at the one that is installed."""
    if asked == BACKPORTS and not check_mode:
        return str(backports.fetched(directory))
    return qemu.binary_of(INSTALLED if asked == BACKPORTS else asked)


def _guest(params: Mapping[str, Any], changes: Mapping[str, Any], wanted: disk.Disk | None) -> dict[str, Any]:
    """A guest's own settings: those of all, except for what is changed for it."""
    given = {name: value for name, value in changes.items() if value is not None}
    found = {name: given.get(name, params[name]) for name in _OWN}
    return {
        **found,
        "limit": limits.Limit(found["quota"], found["shares"]),
        "tests": [tests.complete(test, wanted.size_mib if wanted else None) for test in found["tests"]],
    }


def _check(params: Mapping[str, Any], plan: list[dict[str, Any]]) -> None:
    usable = os.sched_getaffinity(0)
    for guest in plan:
        if guest["vcpus"] < 1 or guest["memory"] < 128:
            raise _invalid("A probe guest needs at least 1 vCPU and 128 MiB of memory.")
        foreign = sorted(set(guest["cpus"] or []) - usable)
        if foreign:
            raise _invalid(f"cpus has {foreign[0]}, and this host has {', '.join(map(str, sorted(usable)))}.")
        if len(guest["tests"]) != len(plan[0]["tests"]):
            raise _invalid("All guests need the same number of tests: they run them at the same time.")
        limits.check(guest["limit"])
    if not plan:
        raise _invalid("count is 0: give at least one guest.")
    if params["nice"] < 0:
        raise _invalid("nice is negative: give 0 to 19.")


def _measured(
    params: Mapping[str, Any],
    plan: list[dict[str, Any]],
    wanted: disk.Disk | None,
    directory: Path,
    chosen: str,
    binary: str,
) -> dict[str, Any]:
    image = build.build(directory, ["sysbench"], params["kernel"], devices=wanted is not None)
    machines = [_machine(params, guest, wanted, chosen) for guest in plan]
    seconds = params["timeout"] or _BOOT + sum(
        max(guest["tests"][place]["time"] for guest in plan) + _TEST for place in range(len(plan[0]["tests"]))
    )
    started, load, cpu, begin = host.now(), host.load_average(), host.cpu_times(), time.monotonic()
    deadline = begin + seconds
    guests: list[Guest] = []
    limits.sweep()
    # The groups of guests are removed after the guests have ended.
    with ExitStack() as limiting, ExitStack() as ending:
        for number, (settings, guest) in enumerate(zip(machines, plan), 1):
            name = f"probe guest {number}"
            files = [ending.enter_context(disk.content(wanted, directory)).fileno()] if wanted else []
            command = qemu.command(binary, settings, image, f"probe-{number}", *files)
            guests.append(Guest(name, qemu.wrapped(command, guest["cpus"] or [], guest["nice"]), files))
            ending.callback(guests[-1].end)
        booted = session.boot(guests, deadline)
        if wanted:
            session.prepare(guests, wanted, deadline)
        first = session.environments(guests, deadline)
        for running, guest in zip(guests, plan):
            if guest["limit"]:
                limiting.enter_context(limits.limited(running.process.pid, guest["limit"]))
        counting = [ending.enter_context(counters.counting(guest.process.pid, params["perf"])) for guest in guests]
        runs = [
            session.measure(guests, [guest["tests"][place] for guest in plan], counting, deadline)
            for place in range(len(plan[0]["tests"]))
        ]
        for turn in runs:
            for running, run in zip(guests, turn):
                session.check_clock(running, run)
        last = session.environments(guests, deadline)
    return {
        "image": {
            "kernel": str(image.kernel),
            "kernel_sha256": image.kernel_sha256,
            "initrd": str(image.initrd),
            "initrd_sha256": image.initrd_sha256,
            "programs": image.programs,
        },
        "started": started,
        "wall_time_s": round(time.monotonic() - begin, 3),
        "load_average": {"before": load, "after": host.load_average()},
        "cpu_percent": host.cpu_percent(cpu, host.cpu_times()),
        "guests": [
            {
                "name": running.name,
                "command": running.argv,
                "settings": {
                    **asdict(settings),
                    "cpus": guest["cpus"] or [],
                    **{name: guest[name] for name in ("nice", "quota", "shares")},
                },
                "boot_s": booted[place],
                "environment": {"first": first[place], "last": last[place]},
                "runs": [turn[place] for turn in runs],
            }
            for place, (running, settings, guest) in enumerate(zip(guests, machines, plan))
        ],
    }


def _machine(
    params: Mapping[str, Any], guest: Mapping[str, Any], wanted: disk.Disk | None, chosen: str
) -> qemu.Machine:
    return qemu.Machine(
        accelerator=chosen,
        machine=params["machine"],
        cpu=params["cpu"] or qemu.MODELS[chosen],
        vcpus=guest["vcpus"],
        memory_mib=guest["memory"],
        tcg_thread=params["tcg_thread"],
        tb_size_mib=params["tb_size"],
        kernel_arguments=params["kernel_arguments"],
        hugepages=params["hugepages"],
        disk=wanted,
    )


def _invalid(message: str) -> HypervisorError:
    return HypervisorError(message, "INVALID_OPTION")
