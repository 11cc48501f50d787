# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Waiting until a guest is ready, with a deadline and with eyes open."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, Mapping, Sequence

from .._errors import HypervisorError
from .._progress import Progress
from . import ssh, verdict
from .bell import Bell
from .console_log import ConsoleLog
from .guest import RUNNING, Guest, absent
from .verdict import PHASES, Sight

PAUSE = 0.1
"""Seconds between two looks at least: a boot writes to its console line by line."""

TICK = 0.5
"""Seconds between two looks at most, should an event get lost, and between two connections to a silent address."""

AGAIN = 0.15
"""Seconds until the next connection where the guest is there and its SSH server is not."""

LEASE = 0.25
"""Seconds between two looks at the lease, of which no event tells."""

REMINDER = 10.0
"""Seconds without a new phase after which it is told what is being waited for."""


def wait(connection: Any, options: Mapping[str, Any], check_mode: bool, start: float) -> dict[str, Any]:
    """Wait (in check mode: look once); the module's result. C(start) is the monotonic time since which it waits."""
    guest = Guest(connection, options["name"])
    if not guest.exists and not check_mode:
        raise absent(guest.name)
    path = options["console_log"] or guest.console_log
    if guest.exists and not check_mode:
        _refuse_hopeless(guest, path, options)
    watch = Watch(guest, options, start)
    if check_mode:
        glance([watch])
    else:
        watch.wait(connection)
    return {"changed": False, "guest": watch.told()}


def glance(watches: Sequence[Watch]) -> None:
    """Look once at all of them, and wait for the answers of SSH servers on which alone it depends who is ready."""
    for watch in watches:
        watch.look()
    while answering := [watch for watch in watches if watch.may_be_ready]:
        time.sleep(PAUSE / 10)
        for watch in answering:
            watch.look()
    for watch in watches:
        watch.hang_up()


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


class Watch:
    """Looks at one guest again and again."""

    def __init__(self, guest: Guest, options: Mapping[str, Any], start: float) -> None:
        self._guest, self._options, self._start = guest, options, start
        self._path = options["console_log"] or guest.console_log
        started = guest.started()
        self._log = ConsoleLog(self._path, started)
        self.sight = Sight(has_log=self._path is not None)
        self._age = 0.0 if started is None else max(0.0, time.time() - started - self._seconds())
        self._progress = Progress(options["progress_file"])
        self._knock: ssh.Knock | None = None
        self._next_knock = self._next_lease = 0.0
        self._knocked = self._early = False

    def told(self) -> dict[str, Any]:
        """What was seen, as the modules tell it."""
        sight = self.sight
        took = verdict.took(sight.phases)
        return {
            "name": self._guest.name,
            "address": sight.address,
            "state": sight.state,
            "ready": self._is_ready(sight),
            "phases": {phase: sight.phases.get(phase) for phase in PHASES},
            "took": {phase: took.get(phase) for phase in PHASES},
            "host_keys": list(sight.console.host_keys),
            "console_log": self._path,
            "cloud_init_version": sight.console.cloud_init_version,
        }

    def wait(self, connection: Any) -> None:
        """Look until the guest is ready; raises where it failed or the deadline has passed."""
        bell = Bell(connection, self._guest.domain, self._log.path)
        try:
            while not self._looked():
                self._sleep(bell)
        finally:
            bell.close()
            self.hang_up()

    def _looked(self) -> bool:
        """One look; true where the guest is ready."""
        deadline, cloud_init = self._options["deadline"], self._options["cloud_init"]
        if self.look():
            return True
        found = verdict.failure(self.sight, cloud_init)
        if found:
            raise self._failed(found)
        if self._seconds() >= deadline and (self._knock is None or self._seconds() >= deadline + ssh.CONNECT):
            raise self._failed(self._missing())
        if self._seconds() >= self.sight.told + REMINDER:
            what = verdict.waiting(self.sight)
            self._progress.say(f"guest {self._guest.name}: {what} ({self._seconds():.0f} of {deadline} s)")
            self.sight.told = self._seconds()
        return False

    def _missing(self) -> str:
        """The class of what is still missing at the deadline."""
        address = self._options["address"]
        if self._knock and self.sight.ssh is None:
            self.sight.ssh = self._knock.so_far
        return verdict.missing(
            self.sight, self._options["cloud_init"], leased=not address or self._guest.reserves(address)
        )

    def _sleep(self, bell: Bell) -> None:
        looked = time.monotonic()
        until = self._next_knock if self.sight.address and self._knock is None else looked + TICK
        if self.sight.lease is None:
            until = min(until, self._next_lease)
        bell.wait(min(TICK, max(PAUSE, until - looked)), self._knock)
        time.sleep(max(0.0, looked + PAUSE - time.monotonic()))

    @property
    def may_be_ready(self) -> bool:
        """Whether nothing but the answer of its SSH server, which was asked, is missing."""
        return self._knock is not None and self._is_ready(replace(self.sight, ssh=ssh.ANSWERS, was_up=True))

    def look(self) -> bool:
        """One look at everything; true where the guest is ready."""
        state, reason = self._guest.state()
        lease = self._lease() if state == RUNNING else None
        address = self._options["address"] or (lease["ip"] if lease else self.sight.address)
        self.sight = replace(
            self.sight, state=state, reason=reason, lease=lease, address=address, console=self._log.look()
        )
        self._note(self._seen())
        if state == RUNNING and address and self.sight.ssh != ssh.ANSWERS:
            # Once it has answered it is left alone: each knock costs a booting guest a process.
            self._try(address)
            self._note(self._seen())
        return self._is_ready(self.sight)

    def _lease(self) -> dict[str, Any] | None:
        """The newest lease, until SSH answers: one that is there at first may be of an earlier boot, elsewhere."""
        now, known = time.monotonic(), self.sight.lease
        if now < self._next_lease or (self.sight.ssh == ssh.ANSWERS and not self.sight.holder):
            return known
        is_first = not self._next_lease
        self._next_lease = now + LEASE
        lease = self._guest.lease() or known
        if lease and not is_first and (known is None or known["ip"] != lease["ip"]):
            # It is about to have its address, and what was sent to nobody would be sent again only a second later.
            self._knocked = self._knocked or self._knock is not None
            self.hang_up()
            self._next_knock = now + AGAIN
            self.sight.phases.pop("address", None)
        wanted = self._options["address"]
        if wanted:
            # Whoever has the address may answer there, and would be taken for the guest.
            self.sight.holder = None if lease and lease["ip"] == wanted else self._guest.holder(wanted)
        return lease

    def _try(self, address: str) -> None:
        """Begin to knock, or see how the knock ended."""
        now = time.monotonic()
        over = self._knocked and self._seconds() >= self._options["deadline"]
        networked = "cloud_init_network" in self.sight.console.phases
        if self._knock is None and now >= self._next_knock and not over:
            patience = ssh.CONNECT * (5 if self.sight.lease else 1)
            self._knock = ssh.Knock(address, self._options["ssh_port"], patience)
            self._early = ssh.is_forwarded(address) and not networked
        outcome = self._knock.outcome() if self._knock else None
        if self._knock and outcome is None and self._early and networked:
            outcome = self._knock.so_far  # It was passed on to a guest without a network, and may never be heard.
        if outcome is None:
            return
        self.hang_up()
        self._next_knock = now + (TICK if outcome == ssh.UNREACHABLE else AGAIN)
        self.sight.ssh = outcome
        if not self._knocked:
            self.sight.was_up = outcome == ssh.ANSWERS
        self._knocked = True

    def hang_up(self) -> None:
        """Wait for no answer any more."""
        if self._knock:
            self._knock.close()
        self._knock = None

    def _is_ready(self, sight: Sight) -> bool:
        return verdict.is_ready(sight, self._options["cloud_init"], self._options["host_keys"])

    def _seen(self) -> list[str]:
        """The phases of which there are signs now."""
        sight = self.sight
        if sight.state != RUNNING:
            return []
        answers = sight.ssh == ssh.ANSWERS
        # Where connections are passed on, only the greeting is known to come from the guest.
        heard = answers or (sight.ssh in (ssh.REFUSED, ssh.NO_BANNER) and not ssh.is_forwarded(str(sight.address)))
        leased = sight.lease is not None and sight.lease["ip"] == sight.address
        signs = {"started": True, "address": leased or heard, "sshd": answers}
        return [phase for phase in PHASES if signs.get(phase) or phase in sight.console.phases]

    def _note(self, seen: Sequence[str]) -> None:
        """Note when each phase was first seen, since the domain's start where that is known, and tell it."""
        for phase in seen:
            if phase not in self.sight.phases:
                self.sight.phases[phase] = 0.0 if phase == "started" else round(self._age + self._seconds(), 1)
                self.sight.told = self._seconds()
                self._progress.reach(f"guest {self._guest.name}: {verdict.reached(self.sight, phase)}")

    def _seconds(self) -> float:
        return time.monotonic() - self._start

    def _failed(self, found: str) -> HypervisorError:
        sight = self.sight
        details: dict[str, Any] = {
            "class": found,
            "phase": sight.phase,
            "phases": sight.phases,
            "took": verdict.took(sight.phases),
            "modules": list(sight.console.failed_modules),
            "state": sight.state,
            "reason": sight.reason,
            "lease": sight.lease,
            "console": list(sight.console.tail),
        }
        message = verdict.explain(self._guest.name, found, sight, self._seconds())
        return HypervisorError(message, "GUEST_NOT_READY", **details)
