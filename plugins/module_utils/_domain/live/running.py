# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A domain that runs, and its two documents, as the functions that change it are handed it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Callable

from ..._deps import libvirt
from ..._errors import HypervisorError
from ..._xml.document import Element

AFFECT_LIVE = 1
"""libvirt's VIR_DOMAIN_AFFECT_LIVE: the definition is written by itself, before."""
_LOOK_AGAIN = 0.5


@dataclass(frozen=True)
class Running:
    """The domain (libvirt.virDomain), what it shall be, what it runs with, and how many seconds a step may take."""

    connection: Any
    domain: Any
    stored: Element
    live: Element
    timeout: int


def wait_until(running: Running, done: Callable[[], bool], what: str) -> None:
    """Wait until C(done), which asks libvirt, is true; a guest that never answers is an error of its own."""
    deadline = time.monotonic() + running.timeout
    while not done():
        if time.monotonic() > deadline:
            raise HypervisorError(
                f"The guest of domain {running.domain.name()} has not {what} within {running.timeout} s, but its"
                " definition has the change. Is its operating system up, has it the driver, does it use what is asked"
                " of it? Run again, or restart the guest (live: false and restart: if_needed).",
                "GUEST_DOES_NOT_ANSWER",
                asked=what,
            )
        time.sleep(_LOOK_AGAIN)


def is_timeout(error: Any) -> bool:
    """Whether libvirt gave up waiting for the guest, which may still do what it was asked to."""
    return bool(error.get_error_code() == libvirt.VIR_ERR_OPERATION_TIMEOUT)
