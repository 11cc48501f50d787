# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A whole C(<domain>) document against the domain that there is: would defining it store anything else?

C(carry) gives the document what makes it the same domain; C(defaults) and C(forms) tell what libvirt stores of it. Both
sides in that form are compared; libvirtd itself judges this on its own test documents (C(make corpus)).
"""

from __future__ import annotations

from ..._xml import stated as trees
from ..._xml.difference import Change
from ..._xml.document import Element
from ..._xml.properties import NEXT_BOOT
from .carry import carry_identity
from .secrets import concealed, drop_secrets
from .table import normal

__all__ = ["carry_identity", "normal", "unmet"]

_LABELS = {"disk": "target/@dev", "interface": "mac/@address", "channel": "target/@name"}
"""What a device is called in the path of a change, where its domain has more than one."""


def unmet(stated: Element, actual: Element, secure: bool = True) -> list[Change]:
    """What defining C(stated), which has the domain's identity, would change in it.

    Unless C(secure), the domain was read without its secrets, and those of the document are taken for the same.
    """
    wanted = normal(stated)
    if not secure:
        drop_secrets(wanted)
    return [concealed(change) for change in trees.difference(wanted, normal(actual), NEXT_BOOT, _LABELS)]
