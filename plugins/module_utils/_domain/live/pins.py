# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Processors of the hypervisor on which threads of a guest may run."""

from __future__ import annotations

from typing import Any

from ..._xml import document
from ..._xml.cpuset import parse_cpuset
from ..._xml.document import Element
from .running import Running

_PATHS = ("cputune/vcpupin", "cputune/emulatorpin", "cputune/iothreadpin")


def host_cpus(connection: Any) -> int:
    """The number of processors of the hypervisor, those included that are switched off."""
    return int(connection.getCPUMap()[0])


def mask(running: Running, cpuset: str | None) -> tuple[bool, ...]:
    """A set of processors as libvirt's bindings take it; all where there is none."""
    count = host_cpus(running.connection)
    wanted = range(count) if not cpuset else parse_cpuset(cpuset)
    return tuple(number in wanted for number in range(count))


def pinned_anew(live: Element, stored: Element) -> bool:
    """Whether the running guest has a pin of which the definition says nothing."""
    return any(len(list(document.children(live, path))) > len(list(document.children(stored, path))) for path in _PATHS)


def without_idle(live: Element, count: int) -> Element:
    """The document without pins to all C(count) processors: so libvirt shows a pin that was taken back."""
    clone = document.copy(live)
    for path in _PATHS:
        for pin in list(document.children(clone, path)):
            if len(parse_cpuset(str(pin.get("cpuset")))) >= count:
                pin.getparent().remove(pin)
    return clone
