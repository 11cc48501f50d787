# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Options that describe a domain to people and programs, and what happens at the end of its run."""

from __future__ import annotations

from typing import Any, Mapping

from ..._xml import document
from ..._xml.document import Element
from ..._xml.properties import LIVE, RECREATE, Name, Property, Text

METADATA_NAMESPACE = "https://github.com/mini-hypervisor/mini.hypervisor/metadata/1"


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


TYPE = Text("type", "@type", RECREATE, {"choices": ["kvm", "qemu", "test"]})

TEXTS = (
    Text("title", "title", LIVE),
    Text("description", "description", LIVE),
    Metadata("metadata", "metadata", LIVE),
    Name("genid", "genid"),
)

LIFECYCLE = (
    Text("on_poweroff", "on_poweroff", LIVE, {"choices": ["destroy", "restart", "preserve"]}),
    Text("on_reboot", "on_reboot", LIVE, {"choices": ["destroy", "restart", "preserve"]}),
    Text(
        "on_crash",
        "on_crash",
        LIVE,
        {"choices": ["destroy", "restart", "preserve", "coredump-destroy", "coredump-restart"]},
    ),
)
