# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Waiting until a guest is ready, with a deadline and with eyes open."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, Mapping

from .._errors import HypervisorError
from .._progress import Progress
from . import ssh, verdict
from .console_log import ConsoleLog
from .guest import RUNNING, Guest, absent
from .verdict import PHASES, Sight

INTERVAL = 0.5
"""Seconds between two looks: neither a console log nor a port that opens sends libvirt events."""

KNOCK = 5.0
"""Seconds that an SSH server gets for its banner; an emulated one needs some."""


def wait(connection: Any, options: Mapping[str, Any], check_mode: bool, start: float) -> dict[str, Any]:
    """Wait (in check mode: look once); the module's result. C(start) is the monotonic time since which it waits."""
    guest = Guest(connection, options["name"])
    if not guest.exists and not check_mode:
        raise absent(guest.name)
    path = options["console_log"] or guest.console_log
    if guest.exists and not check_mode:
        _refuse_hopeless(guest, path, options)
    watch = _Watch(guest, ConsoleLog(path, guest.started()), options, start)
    ready = watch.look() if check_mode else watch.wait()
    sight = watch.sight
    return {
        "changed": False,
        "guest": {
            "name": guest.name,
            "address": sight.address,
            "state": sight.state,
            "ready": ready,
            "phases": {phase: sight.phases.get(phase) for phase in PHASES},
            "host_keys": list(sight.console.host_keys),
            "console_log": path,
            "cloud_init_version": sight.console.cloud_init_version,
        },
    }


def _refuse_hopeless(guest: Guest, path: str | None, options: Mapping[str, Any]) -> None:
    """Do not wait for what cannot come."""
    if not path and (options["cloud_init"] or options["host_keys"]):
        raise HypervisorError(
            f"Guest {guest.name} has no console log, so nobody can see when cloud-init finishes, nor its host keys:"
            " give its serial console a log (or console_log), or set cloud_init: false and host_keys: false.",
            "NO_CONSOLE_LOG",
            name=guest.name,
        )
    if not options["address"] and not guest.on_network:
        raise HypervisorError(
            f"Guest {guest.name} has no card on a libvirt network, so its address cannot be found: give address.",
            "NO_ADDRESS",
            name=guest.name,
        )


class _Watch:
    """Looks at one guest again and again."""

    def __init__(self, guest: Guest, log: ConsoleLog, options: Mapping[str, Any], start: float) -> None:
        self.sight = Sight()
        self._guest, self._log, self._options = guest, log, options
        self._start = start
        self._first = True

    def wait(self) -> bool:
        """Look until the guest is ready; raises where it failed or the deadline has passed."""
        progress, deadline = Progress(self._options["progress_file"]), self._options["deadline"]
        cloud_init = self._options["cloud_init"]
        while not self.look():
            found = verdict.failure(self.sight, cloud_init)
            if found:
                raise self._failed(found)
            if self._seconds() >= deadline:
                raise self._failed(verdict.missing(self.sight, cloud_init))
            what = verdict.waiting(self.sight)
            progress.say(f"guest {self._guest.name}: {what} ({self._seconds():.0f} of {deadline} s)")
            time.sleep(INTERVAL)
        return True

    def look(self) -> bool:
        """One look at everything; true where the guest is ready."""
        state, reason = self._guest.state()
        lease = self._guest.lease() if state == RUNNING else None
        address = self._options["address"] or (lease["ip"] if lease else self.sight.address)
        self.sight = replace(
            self.sight, state=state, reason=reason, lease=lease, address=address, console=self._log.look()
        )
        if state == RUNNING and address and self.sight.ssh != ssh.ANSWERS:
            # Once it has answered it is left alone: each knock costs a booting guest a process.
            self.sight.ssh = ssh.knock(address, self._options["ssh_port"], KNOCK)
        self._note(state == RUNNING)
        if self._first:
            self.sight.was_up, self._first = self.sight.ssh == ssh.ANSWERS, False
        return verdict.is_ready(self.sight, self._options["cloud_init"], self._options["host_keys"])

    def _note(self, running: bool) -> None:
        """Note when each phase was first seen."""
        answered = self.sight.ssh not in (None, ssh.UNREACHABLE)
        seen = {
            "started": running,
            "address": running and (bool(self.sight.lease) or answered),
            "sshd": self.sight.ssh == ssh.ANSWERS,
            **dict.fromkeys(self.sight.console.phases, running),
        }
        for phase, now in seen.items():
            if now:
                self.sight.phases.setdefault(phase, round(self._seconds(), 1))

    def _seconds(self) -> float:
        return time.monotonic() - self._start

    def _failed(self, found: str) -> HypervisorError:
        sight = self.sight
        details: dict[str, Any] = {
            "class": found,
            "phase": sight.phase,
            "phases": sight.phases,
            "state": sight.state,
            "reason": sight.reason,
            "lease": sight.lease,
            "console": list(sight.console.tail),
        }
        message = verdict.explain(self._guest.name, found, sight, self._seconds())
        return HypervisorError(message, "GUEST_NOT_READY", **details)
