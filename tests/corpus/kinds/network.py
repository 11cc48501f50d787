# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Networks."""

from __future__ import annotations

from typing import Any

import libvirt
from lxml import etree

from ansible_collections.mini.hypervisor.plugins.module_utils._network import network, stated
from ansible_collections.mini.hypervisor.plugins.module_utils._network.properties import parse
from ansible_collections.mini.hypervisor.plugins.module_utils._xml import document
from ansible_collections.mini.hypervisor.plugins.modules.virt_net import SPEC

from . import Kind
from . import parse as parsed

OPTIONS = {name: item.get("default") for name, item in SPEC.items()}


def no_addresses(_command: list[str]) -> tuple[int, str, str]:
    """A hypervisor without addresses and routes: the documents are not about this one."""
    return 0, "[]", ""


class Network(Kind):
    name = "network"
    root = "network"
    directories = ("networkxml2xmlin", "networkxml2confdata")
    identity = ("uuid", "mac")

    def define(self, connection: Any, text: str) -> None:
        # Like the module, with the family of each address: libvirt would store whether it is stated.
        element = parse(text)
        if element.findtext("name") != "default":
            self.undefine(connection, "default")  # the distribution's, which has the subnet of many documents
        connection.networkDefineXMLFlags(document.to_text(element), libvirt.VIR_NETWORK_DEFINE_VALIDATE)

    def read(self, connection: Any, name: str) -> str:
        return str(connection.networkLookupByName(name).XMLDesc(libvirt.VIR_NETWORK_XML_INACTIVE))

    def undefine(self, connection: Any, name: str) -> None:
        try:
            connection.networkLookupByName(name).undefine()
        except libvirt.libvirtError as error:
            if error.get_error_code() != libvirt.VIR_ERR_NO_NETWORK:
                raise

    def converge(self, connection: Any, name: str, text: str, check_mode: bool) -> dict[str, Any]:
        options = {**OPTIONS, "name": name, "state": "present", "xml": text}
        return network.converge(connection, options, check_mode, no_addresses)

    def carried(self, element: Any, stored: Any) -> Any:
        clone = parse(etree.tostring(element, encoding="unicode"))
        stated.carry(clone, parse(etree.tostring(stored, encoding="unicode")))
        return clone

    def same(self, before: str, after: str) -> bool:
        return _ordered(before) == _ordered(after)


def _ordered(text: str) -> bytes:
    """The document with its reservations in one order: carried ones come last."""
    element = parsed(text)
    for dhcp in element.iter("dhcp"):
        dhcp[:] = sorted(dhcp, key=etree.tostring)
    return bytes(etree.tostring(element, method="c14n"))


KIND = Network()
