# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Which changes a running guest can take: decided from its document, before anything is done. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Callable, Mapping, Sequence

from ..._xml import document
from ..._xml.difference import Change
from ..._xml.document import Element
from ..._xml.properties import LIVE, NEXT_BOOT
from .paths import Place, place
from .slots import Slots, free_slots

_NEEDS_NO_SLOT = frozenset({"memory_devices", "channels", "guest_agent"})
_PLUGGED_BUSES = ("virtio", "scsi", "usb")


@dataclass
class _Room:
    """What is left to plug into, counted down as the changes are gone through."""

    live: Element
    runs: bool
    slots: Slots

    def takes(self, change: Change) -> bool:
        where = place(change.path)
        if where.option == "rng":
            return self.runs if change.before else self.slots.take(conventional=False)
        if where.key is None or where.member:
            rule = _VALUES.get(f"{where.option}.{where.member}" if where.member else where.option)
            return rule is None or rule(self.live, where, change)
        if change.after is None:
            return self._releases(where)
        return self._accepts(where, change.after)

    def _releases(self, where: Place) -> bool:
        """Whether the guest can be asked to let go of a device: it has to run to answer, and the bus to know how."""
        bus = document.get(self.live, f"devices/disk/target[@dev='{where.key}']/@bus")
        return self.runs and (where.option != "disks" or bus in _PLUGGED_BUSES)

    def _accepts(self, where: Place, item: Mapping[str, Any]) -> bool:
        rule = _NEW.get(where.option)
        if rule is not None and not rule(self.live, item):
            return False
        if where.option in _NEEDS_NO_SLOT or _on_own_bus(where.option, item):
            return True
        return self.slots.take(_is_conventional(where.option, item))


def _on_own_bus(option: str, item: Mapping[str, Any]) -> bool:
    """SCSI and USB devices share the slot of their controller."""
    return option == "disks" and item.get("bus") in ("scsi", "usb")


def _is_conventional(option: str, item: Mapping[str, Any]) -> bool:
    """Whether a device does not know PCI Express."""
    return option == "watchdog" or item.get("model") in ("e1000", "rtl8139")


def _vcpus(live: Element, _where: Place, change: Change) -> bool:
    """Up to what the guest was started with room for; down only to the processors that were plugged in.

    QEMU's TCG never finishes taking an x86 processor away, and may abort at what follows.
    """
    most = int(document.get(live, "vcpu") or 1)
    if change.after >= change.before:
        return bool(change.after <= most)
    fixed = [each for each in document.children(live, "vcpus/vcpu") if each.get("hotpluggable") == "no"]
    return live.get("type") == "kvm" and bool(fixed) and bool(change.after >= len(fixed))


def _current_memory(live: Element, _where: Place, change: Change) -> bool:
    """The balloon inflates and deflates below what the guest was started with."""
    balloon = document.get(live, "devices/memballoon/@model")
    return balloon not in (None, "none") and bool(change.after <= change.before or _fits(live, change.after))


def _fits(live: Element, wanted: int) -> bool:
    return wanted <= int(document.get(live, "memory") or 0) * 1024


def _source(live: Element, where: Place, _change: Change) -> bool:
    """Media are changed; another disk is another disk."""
    for disk in document.children(live, "devices/disk"):
        if document.get(disk, "target/@dev") == where.key:
            return disk.get("device") in ("cdrom", "floppy")
    return False


def _balloon_statistics(live: Element, _where: Place, _change: Change) -> bool:
    return document.get(live, "devices/memballoon/@model") not in (None, "none")


def _disk(live: Element, item: Mapping[str, Any]) -> bool:
    """A disk on a bus that takes one at any time. A SCSI controller that is missing would be one for old guests."""
    bus = item.get("bus") or "virtio"
    has_bus = bus != "scsi" or _has_controller(live, "scsi")
    return (item.get("device") or "disk") == "disk" and bus in _PLUGGED_BUSES and has_bus


def _has_controller(live: Element, kind: str) -> bool:
    return any(each.get("type") == kind for each in document.children(live, "devices/controller"))


def _channel(live: Element, _item: Mapping[str, Any]) -> bool:
    return _has_controller(live, "virtio-serial")


def _has_memory_slot(live: Element, _item: Mapping[str, Any]) -> bool:
    slots = int(document.get(live, "maxMemory/@slots") or 0)
    return slots > len(list(document.children(live, "devices/memory")))


def _virtiofs(live: Element, item: Mapping[str, Any]) -> bool:
    """virtiofs can be plugged in where the memory is shared with its daemon; 9p never."""
    shared = document.get(live, "memoryBacking/access/@mode") == "shared"
    return item.get("driver") == "virtiofs" and shared


def _guest_agent(live: Element, _where: Place, change: Change) -> bool:
    return not change.after or _has_controller(live, "virtio-serial")


def _kept(_live: Element, _where: Place, change: Change) -> bool:
    """A weight can be changed, but what it was before there was one is not known."""
    return bool(change.after)


_VALUES: Mapping[str, Callable[[Element, Place, Change], bool]] = {
    "vcpus": _vcpus,
    "current_memory": _current_memory,
    "cputune.shares": _kept,
    "blkiotune.weight": _kept,
    "disks.source": _source,
    "disks.volume": _source,
    "disks.network_source": _source,
    "guest_agent": _guest_agent,
    "memballoon_options.stats_period": _balloon_statistics,
}
_NEW: Mapping[str, Callable[[Element, Mapping[str, Any]], bool]] = {
    "disks": _disk,
    "channels": _channel,
    "memory_devices": _has_memory_slot,
    "filesystems": _virtiofs,
}


def decided(changes: Sequence[Change], live: Element, runs: bool) -> list[Change]:
    """The changes, each with the truth about how it takes effect on the guest that is C(live).

    C(runs) tells whether the guest executes and can answer a request to release a device. What is
    released first makes no room yet: the guest may take its time.
    """
    room = _Room(live, runs, free_slots(live))
    return [
        replace(change, applied=LIVE if change.applied == LIVE and room.takes(change) else NEXT_BOOT)
        for change in changes
    ]
