# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What libvirt makes of network cards."""

from __future__ import annotations

from ..._xml.rules import Default, Dropped, Rewritten, Rule
from . import forms
from .storage import PC

_GENERATED = ("vnet", "macvtap", "macvlan", "testnet")
"""How the names begin that libvirt gives to the interfaces of a running domain."""

FILLED: list[Rule] = [
    Rewritten("devices/interface/model/@type", forms.nic_model),
    # These are read for virtio only, before a model is chosen.
    Dropped("devices/interface[@type != 'hostdev'][not(starts-with(model/@type, 'virtio'))]/driver"),
    Dropped("devices/interface[not(starts-with(model/@type, 'virtio'))]/backend/@vhost"),
    Default("devices/interface[@type = 'vdpa']", "model/@type", "virtio"),
    Default(f"devices/interface[@type != 'hostdev'][{PC}]", "model/@type", "rtl8139"),
    Default("devices/interface//ip[contains(@address, ':')]", "@family", "ipv6"),
    Default("devices/interface//ip", "@family", "ipv4"),
    Default("devices/interface/vlan[count(tag) > 1]", "@trunk", "yes"),
]

FORMS: list[Rule] = [
    Dropped("devices/interface/coalesce[not(rx/frames/@max > 0)]"),
    Dropped("devices/interface/driver/@queues[. = 1]"),
    Dropped("devices/interface/source/@portid"),
    *[Dropped(f"devices/interface/target[starts-with(@dev, '{start}')]/@dev") for start in _GENERATED],
    Dropped("devices/interface/target[not(@*)]"),
    Dropped("devices/interface[@type = 'hostdev' or @type = 'vhostuser']/filterref"),
    Dropped("devices/interface[@type = 'hostdev']/driver[not(@name = 'vfio' or @name = 'kvm')]"),
    Rewritten("devices/interface/mac/@address", str.lower),
]
