# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Devices of a running guest: plugged in, released, and changed in their place."""

from __future__ import annotations

from typing import Any, Iterable, Sequence

from ..._deps import libvirt
from ..._xml import document
from ..._xml.difference import Change
from ..._xml.document import Element
from . import slots
from .paths import Place, find, items, place
from .running import AFFECT_LIVE, Running, wait_until

IOTUNE = "iotune"


def change(running: Running, changes: Sequence[Change]) -> None:
    """Carry out the changes of one list of devices: what is released first makes room."""
    whole = [(place(each.path), each) for each in changes]
    for where, each in whole:
        if where.member is None and each.after is None:
            _release(running, where)
    for where, each in whole:
        if where.member is None and each.after is not None:
            _plug_in(running, where)
    members: dict[str, list[str]] = {}
    for where, _each in whole:
        if where.member is not None:
            members.setdefault(str(where.key), []).append(where.member)
    for key, names in members.items():
        _update(running, Place(whole[0][0].option, key), names)


def _plug_in(running: Running, where: Place) -> None:
    device = document.copy(find(where.option, str(where.key), running.stored))
    attach(running, device)


def attach(running: Running, device: Element) -> None:
    """Plug a device of the definition in, at the same address where that is free, so that it stays there at a boot."""
    address = device.find("address")
    if address is not None and address.get("type") == "pci" and not slots.fits(device, running.live):
        device.remove(address)
    running.domain.attachDeviceFlags(document.to_text(device), AFFECT_LIVE)


def _release(running: Running, where: Place) -> None:
    detach(running, find(where.option, str(where.key), running.live), f"{where.option}[{where.key}]")


def detach(running: Running, device: Element, what: str) -> None:
    """Ask the guest to release a device, and wait until it has."""
    alias = document.get(device, "alias/@name")
    running.domain.detachDeviceFlags(document.to_text(device), AFFECT_LIVE)
    wait_until(running, lambda: alias not in _aliases(running.domain), f"released {what}")


def _aliases(domain: Any) -> Iterable[str | None]:
    element = document.parse(domain.XMLDesc(0), "domain")
    return [document.get(device, "alias/@name") for device in document.children(element, "devices/*")]


def _update(running: Running, where: Place, names: Sequence[str]) -> None:
    """Change members of a device: its limits by a call of their own, all else by its document."""
    stored = find(where.option, str(where.key), running.stored)
    if IOTUNE in names:
        _limit(running, str(where.key), stored)
    others = [item for item in items(where.option).properties if item.name in names and item.name != IOTUNE]
    if not others:
        return
    device = document.copy(find(where.option, str(where.key), running.live))
    values = {item.name: item.read(stored) for item in others}
    for item in others:
        if values[item.name] is None:
            document.remove(device, item.path)
    for item in others:
        if values[item.name] is not None:
            item.write(device, values[item.name])
    running.domain.updateDeviceFlags(document.to_text(device), AFFECT_LIVE)


def _limit(running: Running, target: str, stored: Element) -> None:
    limits = document.find(stored, IOTUNE)
    wanted = {} if limits is None else {each.tag: each.text for each in limits}
    present = document.find(find("disks", target, running.live), IOTUNE)
    names = {*wanted, *(() if present is None else (each.tag for each in present))}
    values = {name: _limit_value(name, wanted.get(name)) for name in names}
    running.domain.setBlockIoTune(target, values, AFFECT_LIVE)


def _limit_value(name: str, text: str | None) -> Any:
    """A limit as libvirt takes it; 0 is none."""
    if name == libvirt.VIR_DOMAIN_BLOCK_IOTUNE_GROUP_NAME:
        return text or ""
    return int(text or 0)
