# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The documents of a saved machine and of the guests from it. Pure."""

from __future__ import annotations

from typing import Mapping, Sequence

from .._errors import HypervisorError
from .._xml import document
from .._xml.document import Element


def pluggable(domain: Element) -> list[Element]:
    """What a machine is saved without, and each guest gets for itself: its cards, and disks that it only reads."""
    return [*_cards(domain), *_read_only(domain)]


def _cards(domain: Element) -> list[Element]:
    return list(document.children(domain, "devices/interface"))


def _read_only(domain: Element) -> list[Element]:
    return [disk for disk in document.children(domain, "devices/disk") if disk.find("readonly") is not None]


def disk(domain: Element) -> str:
    """The file of the one disk that the machine writes to."""
    name = document.get(domain, "name")
    disks = [each for each in document.children(domain, "devices/disk") if each.find("readonly") is None]
    files = [document.get(each, "source/@file") for each in disks]
    if len(files) != 1 or not files[0] or document.get(disks[0], "driver/@type") != "qcow2":
        raise HypervisorError(
            f"Domain {name} cannot be saved for others, or made from what was saved: it needs exactly one disk that it"
            f" writes to, a qcow2 file, and has {', '.join(each or 'another kind' for each in files) or 'none'}.",
            "UNSUPPORTED_MACHINE",
        )
    return str(files[0])


def macs(domain: Element) -> list[str]:
    """The MAC addresses of the cards, in their order."""
    return [str(document.get(card, "mac/@address")) for card in _cards(domain)]


def changed_macs(before: Sequence[str], after: Sequence[str]) -> dict[str, str]:
    """Old to new MAC address. Other cards are another machine."""
    if len(before) != len(after):
        raise HypervisorError(
            f"The saved machine had {len(before)} network cards and the guest has {len(after)}: it needs another one.",
            "SAVE_DIFFERS",
        )
    return dict(zip(before, after))


def renamed(saved: str, domain: Element) -> str:
    """The saved document under the name and UUID of the domain, as which libvirt then restores it."""
    element = document.parse(saved, "domain")
    for path in ("name", "uuid"):
        document.put(element, path, str(document.get(domain, path)))
    return document.to_text(element)


def restored(domain: Element) -> tuple[str, list[str], list[str]]:
    """The definition without what is plugged in later, and the documents of that: cards, and disks."""
    element = document.copy(domain)
    cards, disks = _cards(element), _read_only(element)
    texts = [[document.to_text(each) for each in later] for later in (cards, disks)]
    for each in (*cards, *disks):
        each.getparent().remove(each)
    return document.to_text(element), texts[0], texts[1]


def without_link(card: str) -> str:
    """The card as if its cable were not plugged in."""
    element = document.parse(card, "interface")
    document.put(element, "link/@state", "down")
    return document.to_text(element)


def host_facts(capabilities: str, versions: Mapping[str, int]) -> dict[str, str | int]:
    """What of the host a saved machine depends on."""
    element = document.parse(capabilities, "capabilities")
    return {
        **versions,
        "architecture": document.get(element, "host/cpu/arch") or "",
        "cpu": document.get(element, "host/cpu/model") or "",
        "cpu_vendor": document.get(element, "host/cpu/vendor") or "",
        "microcode": document.get(element, "host/cpu/microcode/@version") or "",
    }
