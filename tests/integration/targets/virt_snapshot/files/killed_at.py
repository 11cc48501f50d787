# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the snapshot module and kills it before its Nth call of libvirt: C(killed_at.py N OPTIONS_FILE)."""

from __future__ import annotations

import os
import signal
import sys
from itertools import count
from typing import Any, Callable

import libvirt

from ansible_collections.mini.hypervisor.plugins.modules import virt_snapshot

calls = count(1)


def counted(method: Callable[..., Any], last: int) -> Callable[..., Any]:
    """The method, but for the call at which this process dies."""

    def call(*arguments: Any, **options: Any) -> Any:
        if next(calls) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return method(*arguments, **options)

    return call


number = int(sys.argv.pop(1))
for kind in (libvirt.virConnect, libvirt.virDomain, libvirt.virDomainSnapshot):
    for name, method in list(vars(kind).items()):
        if callable(method) and not name.startswith("_"):
            setattr(kind, name, counted(method, number))
virt_snapshot.main()
