# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What the document of a domain tells an inventory about the guest."""

from __future__ import annotations

from typing import Any

from ...module_utils._domain.properties import Metadata
from ...module_utils._xml import document, properties
from ...module_utils._xml.document import Element
from ...module_utils._xml.properties import Integer, Property, Size, Text

_OSINFO = "{http://libosinfo.org/xmlns/libvirt/domain/1.0}"


class OperatingSystem(Property):
    """The identifier from libosinfo's database that virt-install and others keep in a domain."""

    def read(self, element: Element) -> Any:
        # The namespace has slashes, which document.get would take for steps.
        found = document.children(element, f"metadata/{_OSINFO}libosinfo/{_OSINFO}os")
        return next((each.get("id") for each in found), None)


PROPERTIES = (
    Text("uuid", "uuid"),
    Text("type", "@type"),
    Text("title", "title"),
    Text("description", "description"),
    Metadata("metadata", "metadata"),
    Size("memory", "memory"),
    Integer("vcpus", "vcpu"),
    Text("arch", "os/type/@arch"),
    Text("machine", "os/type/@machine"),
    OperatingSystem("os", "metadata"),
)

CARD = (
    Text("type", "@type"),
    Text("mac", "mac/@address"),
    Text("network", "source/@network"),
    Text("bridge", "source/@bridge"),
    Text("target", "target/@dev"),
)


def facts(element: Element) -> dict[str, Any]:
    """The guest as the document has it; nobody has been asked for the addresses of its C(interfaces) yet."""
    pools = {source.get("pool") for source in document.children(element, "devices/disk/source")}
    cards = document.children(element, "devices/interface")
    return {
        **properties.read(PROPERTIES, element),
        "pools": sorted(filter(None, pools)),
        "interfaces": [{**properties.read(CARD, card), "addresses": []} for card in cards],
    }


def has_agent(element: Element) -> bool:
    """Whether an agent in the guest listens. Asking where none does takes libvirt's whole patience."""
    return any(
        target.get("name") == "org.qemu.guest_agent.0" and target.get("state") == "connected"
        for target in document.children(element, "devices/channel/target")
    )
