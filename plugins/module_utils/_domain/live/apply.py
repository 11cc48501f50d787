# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Changes of a running guest, carried out: each option by the call that libvirt has for it."""

from __future__ import annotations

import time
from typing import Callable, Mapping, Sequence

from ..._deps import libvirt
from ..._errors import HypervisorError
from ..._libvirt.errors import NO_DOMAIN, explain
from ..._xml import document
from ..._xml.difference import Change
from ..._xml.document import Element
from ..._xml.properties import LIVE
from . import devices, resources, texts, tuning
from .paths import place
from .running import Running

AGENT = "org.qemu.guest_agent.0"
"""The name of the channel on which QEMU's guest agent listens."""

LIVE_CHANGE_FAILED = "LIVE_CHANGE_FAILED"
_MOMENT = 0.5

Apply = Callable[[Running, Sequence[Change]], None]


def _single(path: str) -> Apply:
    """A device that there is once, by its place in the document."""

    def apply(running: Running, _changes: Sequence[Change]) -> None:
        wanted, present = (document.find(element, path) for element in (running.stored, running.live))
        if present is not None:
            devices.detach(running, present, path.rpartition("/")[2])
        if wanted is not None:
            devices.attach(running, document.copy(wanted))

    return apply


def _is_agents(channel: Element) -> bool:
    return document.get(channel, "target/@name") == AGENT


def _guest_agent(running: Running, changes: Sequence[Change]) -> None:
    """The agent's channel, one among others."""
    source = running.stored if changes[0].after else running.live
    channel = next(each for each in document.children(source, "devices/channel") if _is_agents(each))
    if changes[0].after:
        devices.attach(running, document.copy(channel))
    else:
        devices.detach(running, channel, "the channel of the guest agent")


_APPLIED: Mapping[str, Apply] = {
    "title": texts.title,
    "description": texts.description,
    "metadata": texts.metadata,
    "vcpus": resources.vcpus,
    "current_memory": resources.current_memory,
    "memballoon_options": resources.balloon_statistics,
    "cputune": tuning.cputune,
    "numatune": tuning.numatune,
    "memtune": tuning.memtune,
    "blkiotune": tuning.blkiotune,
    "iothreads": tuning.iothreads,
    "on_poweroff": tuning.lifecycle,
    "on_reboot": tuning.lifecycle,
    "on_crash": tuning.lifecycle,
    "guest_agent": _guest_agent,
    "rng": _single("devices/rng"),
    "watchdog": _single("devices/watchdog"),
}


def apply(running: Running, changes: Sequence[Change]) -> None:
    """Carry out the changes that are C(live), option by option; the definition has them already."""
    by_option: dict[str, list[Change]] = {}
    for each in changes:
        if each.applied == LIVE:
            by_option.setdefault(place(each.path).option, []).append(each)
    for option, group in by_option.items():
        try:
            _APPLIED.get(option, devices.change)(running, group)
        except libvirt.libvirtError as error:
            cause = explain(error, f"changing {group[0].path} of running domain {running.domain.name()}")
            if cause.code == "DISCONNECTED":
                raise cause from error
            raise HypervisorError(f"{cause} {_remedy(running)}", LIVE_CHANGE_FAILED, **cause.details) from error


def _remedy(running: Running) -> str:
    if _stopped(running):
        return (
            f"The guest stopped with that: see /var/log/libvirt/qemu/{running.domain.name()}.log on the hypervisor. Its"
            " definition has the change: start it (state: running)."
        )
    return (
        "Its definition has the change, so that it takes effect when the guest boots next: restart it (live: false and"
        " restart: if_needed), or mend the cause and run again."
    )


def _stopped(running: Running) -> bool:
    """Whether the guest's process ended with the change, of which libvirt may know only a moment later."""
    deadline = time.monotonic() + _MOMENT
    try:
        while running.domain.isActive():
            if time.monotonic() > deadline:
                return False
            time.sleep(_MOMENT / 10)
    except libvirt.libvirtError as error:
        return bool(error.get_error_code() == NO_DOMAIN)  # one that was not defined is gone
    return True
