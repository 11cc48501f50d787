# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Long calls of libvirt: made in a thread, waited for with a deadline, told about meanwhile."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import Any, Callable, Iterable

from .._deps import libvirt
from .._errors import HypervisorError
from .._progress import Progress

LOOK = 1.0
"""Seconds between two looks at what is going on."""


def patiently(call: Callable[[], Any], what: str, deadline: float, look: Callable[[], None]) -> Any:
    """What C(call) returns or raises, unless it takes longer than C(deadline) seconds; C(look) is called meanwhile.

    libvirt offers no way to end what it is doing to a snapshot, so it goes on, in the daemon.
    """
    outcome: list[Any] = []

    def work() -> None:
        try:
            outcome.append(call())
        except libvirt.libvirtError as error:
            outcome.append(error)

    until = time.monotonic() + deadline
    thread = threading.Thread(target=work, name="snapshot", daemon=True)
    thread.start()
    thread.join(LOOK)
    while thread.is_alive():
        if time.monotonic() > until:
            raise HypervisorError(
                f"{what} takes longer than {deadline:.0f} s. libvirt goes on with it: run again to see it through, with"
                " a longer deadline.",
                "STILL_WORKING",
            )
        look()
        thread.join(LOOK)
    result = outcome.pop()
    try:
        if isinstance(result, libvirt.libvirtError):
            raise result
        return result
    finally:
        # An error refers to this frame: did this refer to the error, both would keep the connection open.
        del result


def merging(domain: Any, what: str, targets: Iterable[str], progress: Progress) -> Callable[[], None]:
    """A look at how far disks are merged."""
    listed = list(targets)

    def look() -> None:
        shares = []
        for target in listed:
            # No job yet or any more, or a guest that was started for the merge and is gone again.
            with suppress(libvirt.libvirtError):
                job = domain.blockJobInfo(target, 0)
                if job:
                    shares.append(f"{target} {100 * job['cur'] // max(job['end'], 1)} %")
        progress.say(f"{what}: {', '.join(shares)}" if shares else what)

    return look
