# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""In what a running domain differs from its definition beside the options: in what only a document can state. Pure."""

from __future__ import annotations

from .._xml import properties, rules
from .._xml import stated as trees
from .._xml.difference import Change
from .._xml.document import Element
from .._xml.properties import NEXT_BOOT, Items
from .._xml.rules import Default, Dropped
from . import stated
from .properties import PROPERTIES

_DEVICES = [item for item in PROPERTIES if isinstance(item, Items) and item.path.startswith("devices/")]

_RUNS = (
    # Beside the options it has what libvirt found out of that for this host.
    Dropped("cpu | vcpus"),
    Default(".", "resource/partition", "/machine"),
    Dropped("iothreadids[not(iothread/*)][not(iothread/@*[name() != 'id'])]"),
    Dropped("seclabel[@type = 'dynamic']"),
    Dropped("devices/disk//backingStore"),
    Dropped("devices/disk/mirror"),
    Default("devices/disk[shareable]", "driver/@cache", "none"),
    Dropped("devices/graphics/listen"),
    Dropped("devices/graphics[@type = 'dbus'][contains(@address, '-dbus.sock')]/@address"),
    Dropped("devices/interface[@type = 'network']/source"),
    Dropped("devices/memory/address"),
    Default("devices/*/source[@host]", "@tls", "no"),
)
"""What libvirt chooses or finds when a domain starts."""


def differing(live: Element, stored: Element) -> list[Change]:
    """Every difference of which no option tells; devices that only one of them has are told by the options."""
    before, after = (rules.apply(_RUNS, stated.normal(each)) for each in (live, stored))
    for item in _DEVICES:
        _drop_others(item, before, after)
        _drop_others(item, after, before)
    for each in (before, after):
        properties.erase(PROPERTIES, each)
    return trees.difference(after, before, NEXT_BOOT, {})


def _drop_others(item: Items, element: Element, other: Element) -> None:
    """Remove the devices that the other document does not have."""
    known = [item.key_of(each) for each in item.read(other)]
    for found, each in zip(item.elements(element), item.read(element)):
        if item.key_of(each) not in known:
            found.getparent().remove(found)
