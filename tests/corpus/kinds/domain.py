# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domains."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import canonicalize

import libvirt

from ansible_collections.mini.hypervisor.plugins.module_utils._domain import domain, stated
from ansible_collections.mini.hypervisor.plugins.module_utils._xml import document
from ansible_collections.mini.hypervisor.plugins.modules.virt_domain import SPEC

from ..documents import to_text
from . import Kind, parse, validate

OPTIONS = {name: item.get("default") for name, item in SPEC.items()}
UNDEFINE = (
    libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
    | libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
    | libvirt.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
    | libvirt.VIR_DOMAIN_UNDEFINE_NVRAM
)


class Domain(Kind):
    name = "domain"
    root = "domain"
    directories = ("qemuxml2argvdata", "qemuxml2xmloutdata", "genericxml2xmlindata", "qemuhotplugtestdomains")
    schema = "domain.rng"
    hidden = ("/@passwd", "/cookies")
    identity = ("uuid", "devices/interface/mac")

    def skipped(self, element: Any) -> str:
        if element.find("cpu/numa//distances") is not None:
            return "NUMA distances abort libvirtd 9.0"
        return ""

    def define(self, connection: Any, text: str) -> None:
        validate(self.schema, text)
        connection.defineXMLFlags(text, 0)

    def read(self, connection: Any, name: str) -> str:
        flags = libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE
        return str(connection.lookupByName(name).XMLDesc(flags))

    def undefine(self, connection: Any, name: str) -> None:
        try:
            connection.lookupByName(name).undefineFlags(UNDEFINE)
        except libvirt.libvirtError as error:
            if error.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN:
                raise

    def converge(self, connection: Any, name: str, text: str, check_mode: bool) -> dict[str, Any]:
        return domain.converge(connection, {**OPTIONS, "name": name, "state": "present", "xml": text}, check_mode)

    def carried(self, element: Any, stored: Any) -> Any:
        clone = document.copy(element)
        stated.carry_identity(clone, stored)
        return clone

    def same(self, before: str, after: str) -> bool:
        return before == after or _in_order(before) == _in_order(after)


def _in_order(text: str) -> str:
    """Without what means nothing and changes by itself: the order of controllers and of the mouse and the keyboard of
    each PC, the numbers of consoles, and the prefixes of namespaces in the metadata."""
    element = parse(text)
    for target in element.iterfind("devices/console/target"):
        del target.attrib["port"]
    loose = [each for each in element.iterfind("devices/*") if each.tag == "controller" or each.get("bus") == "ps2"]
    for each in sorted(
        loose, key=lambda each: (each.tag, *(each.get(name, "") for name in ("type", "index", "model")))
    ):
        each.getparent().append(each)
    return canonicalize(to_text(element), rewrite_prefixes=True)


KIND = Domain()
