# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Updates: single elements of the stored network, of the running one, or of both in one step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterable, Sequence

from .._deps import libvirt
from .._libvirt.errors import explained
from .._xml import document
from .._xml.document import Element
from .._xml.stated import canonical
from .normal import normal_live
from .properties import DNS_HOSTS
from .sections import SECTIONS, Section


@dataclass(frozen=True)
class _Step:
    """An element to be removed or added; C(index) is the number of the C(<ip>) that it belongs to."""

    section: Section
    removes: bool
    index: int
    text: str


@dataclass(frozen=True)
class Update:
    """One networkUpdate."""

    step: _Step
    config: bool
    live: bool


Pair = Sequence[Element]
"""A document, and what it shall become in its sections."""


def updates(config: Pair | None, live: Pair | None) -> list[Update]:
    """The updates that bring the stored and the running network about. Pure.

    All removals come first, since a new element may take over an address or a name. A changed element is
    removed and added: libvirt's own command to modify a reservation takes whatever entry has the MAC or the
    address, and so may overwrite that of another guest.
    """
    stored = [] if config is None else _steps(*config)
    running = [] if live is None else _steps(*live)
    steps = [*stored, *(step for step in running if step not in stored)]
    return [Update(step, step in stored, step in running) for step in sorted(steps, key=lambda step: not step.removes)]


def _steps(before: Element, after: Element) -> list[_Step]:
    old, new, steps = normal_live(before), normal_live(after), []
    for section in SECTIONS:
        present = {canonical(each): each for each in section.elements(old)}
        wanted = {canonical(each): each for each in section.elements(new)}
        for removes, those, others in ((True, present, wanted), (False, wanted, present)):
            for key, each in those.items():
                if key not in others:
                    index = section.index(before if removes else after)
                    steps.append(_Step(section, removes, index, document.to_text(_named(section, each, removes))))
    return steps


def _named(section: Section, element: Element, removes: bool) -> Element:
    """The element, or what names it alone: libvirt finds a DNS host by any of its names, which others may have too."""
    if removes and section.item is DNS_HOSTS:
        document.remove(element, "hostname")
    return element


def apply(network: Any, todo: Iterable[Update]) -> None:
    """Send the updates to libvirt."""
    for update in todo:
        step = update.step
        flags = (libvirt.VIR_NETWORK_UPDATE_AFFECT_CONFIG if update.config else 0) | (
            libvirt.VIR_NETWORK_UPDATE_AFFECT_LIVE if update.live else 0
        )
        command = (
            libvirt.VIR_NETWORK_UPDATE_COMMAND_DELETE if step.removes else libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_LAST
        )
        with explained(f"updating {step.section.option} of network {network.name()}"):
            network.update(
                command,
                getattr(libvirt, f"VIR_NETWORK_SECTION_{step.section.code}"),
                step.index,
                step.text,
                flags,
            )
