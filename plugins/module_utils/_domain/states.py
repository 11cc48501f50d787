# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""States of a domain: what libvirt reports, and the way from one to another, each step waited for."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import Any, Iterator

from .._deps import libvirt
from .._errors import HypervisorError
from .._libvirt.errors import NO_DOMAIN, OPERATION_INVALID, explain, explained
from .model import CRASHED, NO_STATE, PAUSED, RUNNING, SHUTDOWN, SUSPENDED

# By number, as in libvirt's virDomainState. "blocked" is a Xen guest that waits, "in shutdown" one that still runs.
_STATES = {0: NO_STATE, 1: RUNNING, 2: RUNNING, 3: PAUSED, 4: RUNNING, 5: SHUTDOWN, 6: CRASHED, 7: SUSPENDED}
_PAUSED_REASONS = {
    1: "by a user", 2: "for migration", 3: "for saving", 4: "for a dump", 5: "after a disk error", 6: "by its watchdog",
    8: "while it shuts down", 9: "for a snapshot", 10: "after a crash", 11: "at its start",
}  # fmt: skip
_SHUTOFF_REASONS = {
    1: "shut down", 2: "powered off by force", 3: "its QEMU crashed", 4: "migrated", 5: "saved", 6: "failed to start",
}  # fmt: skip
_IO_ERROR = _PAUSED_REASONS[5]
_PRESS_AGAIN = 10.0
"""Seconds after which a guest that has not shut down is asked once more."""
_MAY_TAKE = 5.0
"""Seconds between looks at the state, should an event get lost."""


def state(domain: Any) -> tuple[str, str]:
    """The state as the word of an option, and why the domain is in it."""
    return words(*domain.state())


def words(number: int, reason: int) -> tuple[str, str]:
    """libvirt's numbers of a state and its reason in words."""
    word = _STATES.get(number, NO_STATE)
    if number == 5 and reason == 3:
        return CRASHED, _SHUTOFF_REASONS[3]
    reasons = {PAUSED: _PAUSED_REASONS, SHUTDOWN: _SHUTOFF_REASONS}.get(word, {})
    return word, reasons.get(reason, "")


@contextmanager
def _lifecycle(connection: Any, domain: Any) -> Iterator[threading.Event]:
    """An event that is set whenever the domain changes its state."""
    happened = threading.Event()
    identifier = connection.domainEventRegisterAny(
        domain, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, lambda *_anything: happened.set(), None
    )
    try:
        yield happened
    finally:
        connection.domainEventDeregisterAny(identifier)


def _await(domain: Any, wanted: tuple[str, ...], happened: threading.Event, timeout: float) -> bool:
    """Whether the domain came into a wanted state in time. One that is gone (transient) has shut down."""
    deadline = time.monotonic() + timeout
    while True:
        happened.clear()
        try:
            if state(domain)[0] in wanted:
                return True
        except libvirt.libvirtError as error:
            if error.get_error_code() == NO_DOMAIN and SHUTDOWN in wanted:
                return True
            raise
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        happened.wait(min(left, _MAY_TAKE))


def _unless_raced(doing: str, call: Any) -> None:
    """Carry out C(call); that somebody else did it first is no failure, the state is read again anyway."""
    try:
        call()
    except libvirt.libvirtError as error:
        if error.get_error_code() != OPERATION_INVALID:
            raise explain(error, doing) from error


def _power_on(domain: Any, flags: int) -> None:
    """Start it. That it runs already is no failure; another reason why it cannot be started now is one."""
    try:
        domain.createWithFlags(flags)
    except libvirt.libvirtError as error:
        if error.get_error_code() != OPERATION_INVALID or state(domain)[0] in (SHUTDOWN, CRASHED):
            raise explain(error, f"starting domain {domain.name()}") from error


def _press_button(domain: Any, happened: threading.Event, limit: float) -> bool:
    """Whether the guest shuts down in time. It is asked again and again, since one that still boots does not listen."""
    deadline = time.monotonic() + limit
    while True:
        _unless_raced(f"shutting down domain {domain.name()}", domain.shutdown)
        left = deadline - time.monotonic()
        if _await(domain, (SHUTDOWN, CRASHED), happened, min(left, _PRESS_AGAIN)):
            return True
        if left <= _PRESS_AGAIN:
            return False


def stop(connection: Any, domain: Any, options: Any) -> None:
    """Shut the guest down; where it does not within C(shutdown_timeout), power it off if C(force) allows it."""
    name, limit = domain.name(), options["shutdown_timeout"]
    with explained(f"shutting down domain {name}"), _lifecycle(connection, domain) as happened:
        word, _reason = state(domain)
        if word == PAUSED and not options["force"]:
            domain.resume()
        if word == SUSPENDED and not options["force"]:
            domain.pMWakeup(0)
        if word != PAUSED or not options["force"]:
            if _press_button(domain, happened, limit):
                return
            if not options["force"]:
                raise HypervisorError(
                    f"Domain {name} was asked to shut down and still runs after {limit} s. Does its operating system"
                    " listen to ACPI? Give more time (shutdown_timeout), or allow to power it off (force: true).",
                    "SHUTDOWN_TIMEOUT",
                    state=state(domain)[0],
                )
        _unless_raced(f"powering off domain {name}", domain.destroy)
        if not _await(domain, (SHUTDOWN, CRASHED), happened, options["timeout"]):
            raise HypervisorError(
                f"Domain {name} could not be powered off within {options['timeout']} s: look at its QEMU process.",
                "STOP_TIMEOUT",
            )


def start(connection: Any, domain: Any, wanted: str, options: Any) -> None:
    """Bring the domain from whatever state it is in to running or paused."""
    name = domain.name()
    with explained(f"starting domain {name}"), _lifecycle(connection, domain) as happened:
        word, reason = state(domain)
        if word in (SHUTDOWN, CRASHED, NO_STATE):
            flags = libvirt.VIR_DOMAIN_START_PAUSED if wanted == PAUSED else 0
            _power_on(domain, flags)
        elif word == SUSPENDED:
            _unless_raced(f"waking domain {name}", lambda: domain.pMWakeup(0))
        if wanted == PAUSED and state(domain)[0] == RUNNING:
            _unless_raced(f"pausing domain {name}", domain.suspend)
        if wanted == RUNNING and word == PAUSED:
            _refuse_after_disk_error(name, reason, options)
            _unless_raced(f"resuming domain {name}", domain.resume)
        if not _await(domain, (wanted,), happened, options["timeout"]):
            raise HypervisorError(
                f"Domain {name} is not {wanted} after {options['timeout']} s but {' '.join(state(domain)).strip()}:"
                f" see /var/log/libvirt/qemu/{name}.log on the hypervisor.",
                "STATE_TIMEOUT",
            )


def _refuse_after_disk_error(name: str, reason: str, options: Any) -> None:
    if reason == _IO_ERROR and not options["force"]:
        raise HypervisorError(
            f"Domain {name} was paused {reason}, usually because its storage is full: mend that first, then resume it"
            " with force: true.",
            "PAUSED_BY_DISK_ERROR",
        )


def move(connection: Any, domain: Any, before: str, after: str, options: Any) -> None:
    """From one state to another; nothing to do where they are equal."""
    if before == after:
        return
    if after == SHUTDOWN:
        stop(connection, domain, options)
    elif after in (RUNNING, PAUSED):
        start(connection, domain, after, options)
