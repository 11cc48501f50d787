# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Shares, limits and places of a running guest's threads and memory."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from ..._xml import document
from ..._xml.difference import Change
from ..._xml.document import Element
from ..options.tuning import NO_QUOTA, PERIOD
from .pins import mask
from .running import AFFECT_LIVE, Running

_SCHEDULER = {"shares": "cpu_shares", "period": "vcpu_period", "quota": "vcpu_quota"}
"""Elements of C(<cputune>) whose parameter has another name."""
_UNLIMITED = (1 << 53) - 1
"""libvirt's VIR_DOMAIN_MEMORY_PARAM_UNLIMITED."""
_ACTIONS = ("destroy", "restart", "restart-rename", "preserve", "coredump-destroy", "coredump-restart")
_EVENTS = {"on_poweroff": 0, "on_reboot": 1, "on_crash": 2}
"""By number, as in libvirt's virDomainLifecycleAction and virDomainLifecycle; older bindings lack the names."""


def _first(path: str) -> str:
    """The member of a group that a path such as C(cputune.vcpupin[0].cpuset) leads to."""
    return path.split(".")[1].partition("[")[0]


def cputune(running: Running, changes: Sequence[Change]) -> None:
    """Scheduler parameters in one call, pins in one each."""
    names = {_first(each.path) for each in changes}
    parameters = {
        _SCHEDULER.get(name, name): int(document.get(running.stored, f"cputune/{name}") or _silent(name))
        for name in names
        if name not in ("vcpupin", "emulatorpin", "iothreadpin")
    }
    if parameters:
        running.domain.setSchedulerParametersFlags(parameters, AFFECT_LIVE)
    if "emulatorpin" in names:
        running.domain.pinEmulator(
            mask(running, document.get(running.stored, "cputune/emulatorpin/@cpuset")), AFFECT_LIVE
        )
    if "vcpupin" in names:
        for number, cpus in _pins(running, "vcpupin", "vcpu").items():
            running.domain.pinVcpuFlags(number, cpus, AFFECT_LIVE)
    if "iothreadpin" in names:
        for number, cpus in _pins(running, "iothreadpin", "iothread").items():
            running.domain.pinIOThread(number, cpus, AFFECT_LIVE)


def _silent(name: str) -> int:
    """The quota or period that the kernel has where the definition tells none."""
    return NO_QUOTA if name.endswith("quota") else PERIOD


def _pins(running: Running, tag: str, attribute: str) -> dict[int, tuple[bool, ...]]:
    """Where each thread shall be that is pinned now or in the definition."""
    wanted, present = (_cpusets(element, tag, attribute) for element in (running.stored, running.live))
    return {
        number: mask(running, wanted.get(number))
        for number in sorted({*wanted, *present})
        if wanted.get(number) != present.get(number)
    }


def _cpusets(element: Element, tag: str, attribute: str) -> dict[int, str]:
    return {int(each.get(attribute)): str(each.get("cpuset")) for each in document.children(element, f"cputune/{tag}")}


def numatune(running: Running, _changes: Sequence[Change]) -> None:
    """The memory nodes; the mode stays."""
    nodeset = document.get(running.stored, "numatune/memory/@nodeset")
    running.domain.setNumaParameters({"numa_nodeset": nodeset or ""}, AFFECT_LIVE)


def memtune(running: Running, changes: Sequence[Change]) -> None:
    """Limits in bytes; 0 is none."""
    limits: Mapping[str, Any] = {_first(each.path): each.after for each in changes}
    running.domain.setMemoryParameters(
        {name: size // 1024 if size else _UNLIMITED for name, size in limits.items()}, AFFECT_LIVE
    )


def blkiotune(running: Running, changes: Sequence[Change]) -> None:
    """The weight among the guests of the hypervisor."""
    running.domain.setBlkioParameters({_first(each.path): each.after for each in changes}, AFFECT_LIVE)


def iothreads(running: Running, changes: Sequence[Change]) -> None:
    """Add threads, or take the last ones away; libvirt refuses where a disk uses one."""
    numbers = [int(each.get("id")) for each in document.children(running.live, "iothreadids/iothread")]
    numbers = numbers or list(range(1, 1 + int(document.get(running.live, "iothreads") or 0)))
    wanted = changes[0].after
    for number in sorted(numbers)[wanted:]:
        running.domain.delIOThread(number, AFFECT_LIVE)
    free = (number for number in range(1, wanted + len(numbers) + 1) if number not in numbers)
    for _missing in range(wanted - len(numbers)):
        running.domain.addIOThread(next(free), AFFECT_LIVE)


def lifecycle(running: Running, changes: Sequence[Change]) -> None:
    """What happens when the guest powers off, reboots or crashes."""
    for each in changes:
        running.domain.setLifecycleAction(_EVENTS[each.path], _ACTIONS.index(each.after), AFFECT_LIVE)
