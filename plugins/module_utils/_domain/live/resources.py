# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Processors and memory of a running guest."""

from __future__ import annotations

from typing import Sequence

from ..._deps import libvirt
from ..._xml import document
from ..._xml.difference import Change
from .running import AFFECT_LIVE, Running, is_timeout, wait_until

_NOW = 2
"""Where libvirt's virDomainInfo has the present memory in KiB."""


def vcpus(running: Running, changes: Sequence[Change]) -> None:
    """Plug processors in, or have the guest release them."""
    wanted = changes[0].after
    try:
        running.domain.setVcpusFlags(wanted, AFFECT_LIVE)
    except libvirt.libvirtError as error:
        if not is_timeout(error):
            raise
        # libvirt waits 5 s for the guest and no longer.
        wait_until(running, lambda: _online(running) == wanted, f"come down to {wanted} processors")


def _online(running: Running) -> int:
    element = document.parse(running.domain.XMLDesc(0), "domain")
    return int(document.get(element, "vcpu/@current") or document.get(element, "vcpu") or 0)


def current_memory(running: Running, changes: Sequence[Change]) -> None:
    """Set the balloon's goal, and wait while the guest gives and takes memory on the way there."""
    wanted = changes[0].after // 1024
    running.domain.setMemoryFlags(wanted, AFFECT_LIVE)
    wait_until(running, lambda: running.domain.info()[_NOW] == wanted, f"come to {wanted} KiB of memory")


def balloon_statistics(running: Running, changes: Sequence[Change]) -> None:
    """How often, in seconds, the balloon reports."""
    running.domain.setMemoryStatsPeriod(changes[0].after, AFFECT_LIVE)
