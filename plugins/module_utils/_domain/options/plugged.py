# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Lists of devices that are of a type: that of what they are plugged into, or of where their content is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..._errors import HypervisorError
from ..._xml.document import Element
from ..._xml.properties import Items


@dataclass(frozen=True)
class Plugged(Items):
    """Devices that get their type from one of the members named in C(sources), which a new one has to give."""

    sources: tuple[str, ...] = ()

    def write(self, element: Element, value: Any) -> None:
        super().write(element, value)
        for item in value:
            device = self.find(element, self.key_of(item))
            if device is not None and device.get("type") is None:
                raise HypervisorError(
                    f"{self.name} has no {self.describe(self.key_of(item))} yet:"
                    f" give it one of {', '.join(self.sources)}.",
                    "INVALID_OPTION",
                )
