# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The options of a domain outside of its devices, each with its place in the XML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping

from .._xml import document
from .._xml.document import Element
from .._xml.properties import LIVE, NEXT_BOOT, RECREATE, Group, Integer, Property, Size, Text
from .devices import DEVICES

METADATA_NAMESPACE = "https://github.com/mini-hypervisor/mini.hypervisor/metadata/1"
MIB = 1024 * 1024
CONCEALED = "********"
"""What a result has in the place of a password."""


class Machine(Text):
    """A machine type. libvirt stores what an alias such as C(pc) stands for, which stays when QEMU is upgraded."""

    ALIASES: Mapping[str, str] = {"pc": "pc-i440fx-", "q35": "pc-q35-", "virt": "virt-"}

    def same(self, present: Any, wanted: Any) -> bool:
        alias = self.ALIASES.get(wanted)
        return bool(present == wanted or (alias and str(present).startswith(alias)))


class Boot(Property):
    """The order of boot devices, one element each."""

    type = "list"

    def argument(self) -> dict[str, Any]:
        return {"type": "list", "elements": "str", "choices": ["hd", "cdrom", "network", "fd"]}

    def read(self, element: Element) -> Any:
        return [each.get("dev") for each in document.children(element, self.path)]

    def write(self, element: Element, value: Any) -> None:
        document.remove(element, self.path)
        parent = document.ensure(element, "os")
        for name in value:
            parent.append(parent.makeelement("boot", {"dev": name}))


class Metadata(Property):
    """Facts about the domain that libvirt keeps for us: names and strings in a namespace of our own."""

    type = "dict"

    def normal(self, value: Any) -> Any:
        return {str(key): str(each) for key, each in value.items()}

    def read(self, element: Element) -> Any:
        return {
            str(entry.get("name")): entry.text or ""
            for entry in document.children(element, f"metadata/{{{METADATA_NAMESPACE}}}facts/*")
        }

    def write(self, element: Element, value: Any) -> None:
        metadata = document.ensure(element, "metadata")
        # The namespace has slashes, which document.remove would take for steps.
        for present in list(document.children(metadata, f"{{{METADATA_NAMESPACE}}}facts")):
            metadata.remove(present)
        metadata.append(self.facts(element, value))

    @staticmethod
    def facts(element: Element, value: Mapping[str, str], namespace: str = f"{{{METADATA_NAMESPACE}}}") -> Element:
        """The element that holds the facts; C(namespace) comes before its name."""
        facts = element.makeelement(f"{namespace}facts", nsmap={"lab": METADATA_NAMESPACE} if namespace else None)
        for name, text in sorted(value.items()):
            entry = facts.makeelement(f"{namespace}fact", {"name": name})
            entry.text = text
            facts.append(entry)
        return facts


@dataclass(frozen=True)
class Memory(Size):
    """The most memory the guest can have; what it has now follows, unless C(current_memory) says otherwise."""

    def write(self, element: Element, value: Any) -> None:
        super().write(element, value)
        document.remove(element, "currentMemory")


CPU = Group(
    "cpu",
    (
        Text("mode", "@mode", NEXT_BOOT, {"choices": ["host-passthrough", "host-model", "maximum", "custom"]}, True),
        Text("model", "model", volatile=True),
        Group(
            "topology",
            (Integer("sockets", "@sockets"), Integer("cores", "@cores"), Integer("threads", "@threads")),
            "topology",
        ),
    ),
    "cpu",
)

PROPERTIES = (
    Text("type", "@type", RECREATE, {"choices": ["kvm", "qemu", "test"]}),
    Text("title", "title", LIVE),
    Text("description", "description", LIVE),
    Metadata("metadata", "metadata", LIVE),
    Memory("memory", "memory", grain=MIB),
    Size("current_memory", "currentMemory", LIVE, volatile=True),
    Integer("vcpus", "vcpu"),
    CPU,
    Text("arch", "os/type/@arch", RECREATE),
    Machine("machine", "os/type/@machine"),
    Text("kernel", "os/kernel"),
    Text("initrd", "os/initrd"),
    Text("cmdline", "os/cmdline"),
    Boot("boot", "os/boot"),
    Text("on_poweroff", "on_poweroff", NEXT_BOOT, {"choices": ["destroy", "restart", "preserve"]}),
    Text("on_reboot", "on_reboot", NEXT_BOOT, {"choices": ["destroy", "restart", "preserve"]}),
    Text("on_crash", "on_crash", NEXT_BOOT, {"choices": ["destroy", "restart", "preserve"]}),
    *DEVICES,
)
