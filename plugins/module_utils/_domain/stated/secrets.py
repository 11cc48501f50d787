# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What libvirt shows to nobody who does not ask for it, so that a document may lack it without meaning to remove it."""

from __future__ import annotations

import re
from dataclasses import replace

from ..._xml import document
from ..._xml.difference import Change
from ..._xml.document import Element
from ..properties import CONCEALED


def carry_secrets(stated: Element, actual: Element) -> None:
    """A screen without a password has that of the domain, and a disk without cookies has the domain's as well."""
    screens = list(document.children(actual, "devices/graphics"))
    for screen in document.children(stated, "devices/graphics"):
        match = next((each for each in screens if each.get("type") == screen.get("type")), None)
        if match is not None:
            screens.remove(match)
            if "passwd" in match.attrib and "passwd" not in screen.attrib:
                screen.set("passwd", match.get("passwd"))
    disks = {document.get(each, "target/@dev"): each for each in document.children(actual, "devices/disk")}
    for source in document.children(stated, "devices/disk/source"):
        former = disks.get(document.get(source.getparent(), "target/@dev"))
        cookies = None if former is None else former.find("source/cookies")
        if cookies is not None and source.find("cookies") is None:
            source.append(document.copy(cookies))


def drop_secrets(element: Element) -> None:
    """Remove them where there are none to compare with."""
    for each in element.iterfind(".//*[@passwd]"):
        del each.attrib["passwd"]
    document.remove(element, "devices/disk/source/cookies")


def concealed(change: Change) -> Change:
    """The change without what it tells of secrets."""
    if change.path.endswith(("/@passwd", "/cookie")) or "/cookie[" in change.path:
        return replace(change, before=change.before and CONCEALED, after=change.after and CONCEALED)
    return replace(change, before=_hidden(change.before), after=_hidden(change.after))


def _hidden(value: object) -> object:
    if not isinstance(value, str):
        return value
    value = re.sub(r'passwd="[^"]*"', f'passwd="{CONCEALED}"', value)
    return re.sub(r"(<cookie [^>]*>)[^<]*", rf"\g<1>{CONCEALED}", value)
