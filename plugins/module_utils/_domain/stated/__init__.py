# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A whole C(<domain>) document against the domain that there is: would defining it store anything else?

C(carry) gives the document what makes it the same domain; C(defaults) and C(forms) tell what libvirt stores of it. Both
sides in that form are compared; libvirtd itself judges this on its own test documents (C(make corpus)).
"""

from __future__ import annotations

import re
from dataclasses import replace

from ..._xml import stated as trees
from ..._xml.difference import Change
from ..._xml.document import Element
from ..._xml.properties import NEXT_BOOT
from ..properties import CONCEALED
from .carry import carry_identity
from .table import normal

__all__ = ["carry_identity", "normal", "unmet"]

_LABELS = {"disk": "target/@dev", "interface": "mac/@address", "channel": "target/@name"}
"""What a device is called in the path of a change, where its domain has more than one."""


def unmet(stated: Element, actual: Element, secure: bool = True) -> list[Change]:
    """What defining C(stated), which has the domain's identity, would change in it.

    Unless C(secure), the domain was read without its passwords, and those of the document are taken for the same.
    """
    wanted = normal(stated)
    for each in wanted.iterfind(".//*[@passwd]") if not secure else ():
        del each.attrib["passwd"]
    changes = trees.difference(wanted, normal(actual), NEXT_BOOT, _LABELS)
    return [_without_password(change) for change in changes]


def _without_password(change: Change) -> Change:
    if change.path.endswith("/@passwd"):
        return replace(change, before=change.before and CONCEALED, after=change.after and CONCEALED)
    return replace(change, before=_concealed(change.before), after=_concealed(change.after))


def _concealed(value: object) -> object:
    return re.sub(r'passwd="[^"]*"', f'passwd="{CONCEALED}"', value) if isinstance(value, str) else value
