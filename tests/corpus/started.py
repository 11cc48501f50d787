# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domains that were just started, which no restart would change: whoever says otherwise is wrong."""

from __future__ import annotations

import copy
from typing import Any, Iterable, Iterator

import libvirt
from lxml import etree

from ansible_collections.mini.hypervisor.plugins.module_utils._domain.pending import differing
from ansible_collections.mini.hypervisor.plugins.module_utils._xml.document import parse

from .documents import Document
from .oracle import DiedError, Oracle, RejectedError

EMULATOR = "/usr/bin/qemu-system-x86_64"
_NEEDS_MORE = "disk | interface[@type != 'user'] | hostdev | lease | filesystem | shmem"
"""What only starts where more is there than a domain; the targets of virt_domain start these."""


def all_started(oracle: Oracle, documents: Iterable[Document]) -> Iterator[tuple[Document, list[str]]]:
    """Each document that starts, and in what it is said to differ from its definition then."""
    for document in documents:
        try:
            yield document, oracle.ask(_said, _emulated(document))
        except (DiedError, RejectedError):
            continue


def _emulated(document: Document) -> str:
    element = copy.deepcopy(document.element)
    element.set("type", "qemu")
    for devices in element.iterfind("devices"):
        for each in devices.xpath(_NEEDS_MORE):
            devices.remove(each)
        for emulator in devices.iterfind("emulator"):
            emulator.text = EMULATOR
    return str(etree.tostring(element, encoding="unicode"))


def _said(connection: Any, text: str) -> list[str]:
    for left in connection.listAllDomains():  # a busy host may not have ended the last one in libvirt's time
        _remove(left)
    domain = connection.defineXML(text)
    try:
        domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
        live, stored = (parse(domain.XMLDesc(flags)) for flags in (0, libvirt.VIR_DOMAIN_XML_INACTIVE))
    finally:
        _remove(domain)
    return [change.path for change in differing(live, stored)]


def _remove(domain: Any) -> None:
    if domain.isActive():
        domain.destroy()
    domain.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_NVRAM)
