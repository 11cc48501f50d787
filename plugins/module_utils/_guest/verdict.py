# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What was seen of a guest, and what follows from it: ready, failed for certain, or to be waited for."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Mapping

from . import guest, ssh
from .console import CLOUD_INIT_ERROR, Console

PHASES = (
    "started",
    "kernel",
    "cloud_init_local",
    "cloud_init_network",
    "cloud_init_final",
    "address",
    "sshd",
    "finished",
)
"""In the order in which a boot usually goes through them."""

_REACHED = {
    "started": "started",
    "kernel": "kernel",
    "cloud_init_local": "cloud-init, local stage",
    "cloud_init_network": "cloud-init, network stage",
    "cloud_init_final": "cloud-init, final stage",
    "address": "address {address}",
    "sshd": "SSH answers",
    "finished": "cloud-init finished",
}

_WAITING = {
    "started": "started, waiting for the kernel",
    "kernel": "kernel booted, waiting for cloud-init",
    "cloud_init_local": "cloud-init runs, waiting for the network",
    "cloud_init_network": "cloud-init has the network, waiting for its final stage",
    "cloud_init_final": "cloud-init is in its final stage",
    "address": "has an address, waiting for SSH",
    "sshd": "SSH answers, waiting for cloud-init to finish",
    "finished": "cloud-init finished, waiting for SSH",
}

_ADVICE = {
    "kernel_panic": "its kernel panicked: see the lines before that, and check the root device and the memory.",
    "emergency_mode": "it stopped in emergency mode: a file system could not be mounted or checked.",
    "broken_root": "its root file system is damaged, or larger than its disk: check the size of the disk.",
    "no_root": "its root file system was not found: check the kernel's root= and the disk's bus.",
    "no_boot_device": "its firmware found nothing to boot: check the boot order and that the disk holds an image.",
    CLOUD_INIT_ERROR: "cloud-init failed: see /var/log/cloud-init-output.log in it, and check the user data.",
    "domain_absent": "its domain is gone: somebody removed it while it was waited for.",
    "domain_stopped": "its domain is not running: see its log under /var/log/libvirt/qemu, and start it.",
    "domain_crashed": "its domain crashed: see its log under /var/log/libvirt/qemu.",
    "domain_paused": "its domain is paused: resume it, or free space if its reason is an I/O error.",
    "no_kernel": "no kernel has said anything on the console: check its boot, and console=ttyS0 on the kernel's line.",
    "address_taken": "its address {address} is leased to {holder}, so that it was given {given}: restart it when that"
    " lease has ended, or give it another address.",
    "no_lease": "it got no address: check its network, and that it has a driver for its card.",
    "ssh_refused": "nothing listens on its SSH port: check that it has an SSH server, and the port.",
    "ssh_unreachable": "its address does not answer: check the address, its network and firewalls.",
    "ssh_no_banner": "its SSH port accepts connections but no server speaks: it may be overloaded.",
    "ssh_silent": "the port that leads to it takes any connection, but nothing in it answers: check its network.",
    "cloud_init": "cloud-init has not finished: give it a longer deadline, or see what it waits for.",
    "host_keys": "its console never showed the SSH host keys: let cloud-init print them, or set host_keys: false.",
}

_STOPPED = {
    guest.ABSENT: "domain_absent",
    "shut off": "domain_stopped",
    "suspended": "domain_stopped",
    "crashed": "domain_crashed",
    "paused": "domain_paused",
}


@dataclass
class Sight:
    """One look at a guest, with what earlier looks saw: C(phases) has the seconds after which each came."""

    state: str = guest.ABSENT
    reason: str = ""
    lease: dict[str, Any] | None = None
    holder: dict[str, Any] | None = None
    """The lease that somebody else has of the address that the guest should have got."""
    address: str | None = None
    ssh: str | None = None
    console: Console = field(default_factory=Console)
    phases: dict[str, float] = field(default_factory=dict)
    told: float = 0.0
    """When something was last told of it."""
    has_log: bool = True
    """Whether there is a log of its console."""
    was_up: bool = False
    """Whether SSH answered already at the first look: its boot may be longer ago than its log."""

    @property
    def phase(self) -> str | None:
        """The last phase that was seen."""
        seen = [phase for phase in PHASES if phase in self.phases]
        return seen[-1] if seen else None

    @property
    def tells_of_boot(self) -> bool:
        """Whether a kernel that boots would be seen: not where the guest was restored, for one."""
        return self.has_log and self.reason not in guest.UNBOOTED


def is_ready(sight: Sight, cloud_init: bool, host_keys: bool) -> bool:
    """Whether SSH answers, cloud-init finished and the host keys are known, as far as that is asked for."""
    console = sight.console
    finished = "finished" in console.phases or (sight.was_up and console.finished_ever)
    return (
        failure(sight, cloud_init) is None
        and sight.state == guest.RUNNING
        and sight.ssh == ssh.ANSWERS
        and sight.holder is None
        and (finished or not cloud_init)
        and (bool(console.host_keys) or not host_keys)
    )


def failure(sight: Sight, cloud_init: bool) -> str | None:
    """The class of a failure that is certain; None where waiting may help."""
    found = sight.console.failure
    if found and (cloud_init or found != CLOUD_INIT_ERROR):
        return found
    return _STOPPED.get(sight.state) or ("address_taken" if sight.holder and sight.lease else None)


def missing(sight: Sight, cloud_init: bool, leased: bool) -> str:
    """The class of what is still missing at the deadline; C(leased) where a libvirt network gives the address."""
    if sight.holder:
        return "address_taken"
    if sight.ssh == ssh.ANSWERS:
        return "cloud_init" if cloud_init and "finished" not in sight.console.phases else "host_keys"
    if sight.tells_of_boot and not sight.console.phases and (cloud_init or sight.ssh is None):
        return "no_kernel"  # whoever refuses at the address, this guest has not booted
    if leased and sight.lease is None and sight.ssh in (None, ssh.UNREACHABLE):
        return "no_lease"
    return sight.ssh or ssh.UNREACHABLE


def waiting(sight: Sight) -> str:
    """What is being waited for, in a few words."""
    phase = sight.phase
    if {"sshd", "finished"} <= set(sight.phases):
        return "waiting for its host keys on the console"
    if phase == "started" and not sight.tells_of_boot:
        return "started, waiting for SSH"
    return _WAITING[phase] if phase else "waiting for the domain to run"


def took(phases: Mapping[str, float]) -> dict[str, float]:
    """How long each phase took: the seconds since the one that was reached before it."""
    known = sorted(phases.items(), key=lambda item: (item[1], PHASES.index(item[0])))
    before = [0.0, *(seconds for _phase, seconds in known)]
    return {phase: round(seconds - earlier, 1) for (phase, seconds), earlier in zip(known, before)}


def reached(sight: Sight, phase: str) -> str:
    """The line of a phase that has just been reached."""
    words = _REACHED[phase].format(address=sight.address)
    return f"{words} after {sight.phases[phase]:.1f} s (+{took(sight.phases)[phase]:.1f} s)"


def explain(name: str, found: str, sight: Sight, seconds: float) -> str:
    """The sentence of a failure, with the last lines of the console."""
    state = f"{sight.state} ({sight.reason})" if sight.reason else sight.state
    lines = "\n".join(sight.console.tail)
    console = f" The last lines of its console:\n{lines}" if lines else " Its console said nothing."
    modules = sight.console.failed_modules if found == CLOUD_INIT_ERROR else ()
    blamed = f"{found} in {', '.join(modules)}" if modules else found
    return (
        f"Guest {name} is not ready after {seconds:.0f} s ({blamed}; last phase: {sight.phase or 'none'};"
        f" domain: {state}): {_advice(found, sight)}{console}"
    )


def _advice(found: str, sight: Sight) -> str:
    """What it is, and what to do."""
    given = sight.lease["ip"] if sight.lease else "none yet"
    return _ADVICE[found].format(address=sight.address, given=given, holder=_who(sight.holder) if sight.holder else "")


def _who(lease: Mapping[str, Any]) -> str:
    """Who has a lease, and until when."""
    named = f"{lease['mac']} ({lease['hostname']})" if lease["hostname"] else str(lease["mac"])
    return f"{named} until {time.strftime('%H:%M', time.localtime(lease['expiry']))}" if lease["expiry"] else named
