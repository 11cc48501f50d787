# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Arguments that libvirt hands to QEMU as they are."""

from __future__ import annotations

from typing import Any

from ..._xml.document import Element
from ..._xml.properties import Property

QEMU_NAMESPACE = "http://libvirt.org/schemas/domain/qemu/1.0"
_COMMANDLINE, _ARGUMENT = f"{{{QEMU_NAMESPACE}}}commandline", f"{{{QEMU_NAMESPACE}}}arg"


class QemuArguments(Property):
    """Words of QEMU's command line, beside those that libvirt makes. What else libvirt keeps there stays."""

    type = "list"

    def argument(self) -> dict[str, Any]:
        return {"type": "list", "elements": "str"}

    def same(self, present: Any, wanted: Any) -> bool:
        return bool((present or []) == wanted)

    # The namespace has slashes, which the functions of paths would take for steps.
    def read(self, element: Element) -> Any:
        lines = element.iterchildren(_COMMANDLINE)
        return [str(each.get("value")) for line in lines for each in line.iterchildren(_ARGUMENT)] or None

    def write(self, element: Element, value: Any) -> None:
        self.erase(element)
        if value:
            line = next(element.iterchildren(_COMMANDLINE), None)
            if line is None:
                line = element.makeelement(_COMMANDLINE, nsmap={"qemu": QEMU_NAMESPACE})
                element.append(line)
            line.extend([line.makeelement(_ARGUMENT, {"value": word}) for word in value])

    def erase(self, element: Element) -> None:
        for line in list(element.iterchildren(_COMMANDLINE)):
            for each in list(line.iterchildren(_ARGUMENT)):
                line.remove(each)
            if not len(line):
                element.remove(line)


QEMU_ARGUMENTS = QemuArguments("qemu_arguments", _COMMANDLINE)
