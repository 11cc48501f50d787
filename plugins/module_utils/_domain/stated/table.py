# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The form in which two C(<domain>) documents of the same meaning are equal."""

from __future__ import annotations

from ..._xml import rules
from ..._xml.document import Element
from . import cards, machine, peripherals, storage

_AREAS = (machine, storage, cards, peripherals)

# First all that libvirt fills in, since the form of one part may depend on another.
RULES = tuple(rule for area in _AREAS for rule in area.FILLED) + tuple(rule for area in _AREAS for rule in area.FORMS)


def normal(element: Element) -> Element:
    """A copy as libvirt would store it, by all that the tables know."""
    return rules.apply(RULES, element)
