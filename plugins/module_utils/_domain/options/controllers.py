# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Controllers, and the places for devices that are plugged in later."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from ..._xml import document
from ..._xml.document import Element
from ..._xml.properties import NEXT_BOOT, Group, Integer, Text


class RootPorts(Integer):
    """How many PCI Express root ports there are at least: each takes one device. They are never taken away."""

    MODEL = "pcie-root-port"

    def read(self, element: Element) -> Any:
        return sum(each.get("model") == self.MODEL for each in document.children(element, self.path))

    def same(self, present: Any, wanted: Any) -> bool:
        return bool((present or 0) >= wanted)

    def write(self, element: Element, value: Any) -> None:
        devices = document.ensure(element, "devices")
        if document.find(element, f"{self.path}[@type='pci']") is None:
            # Otherwise libvirt takes the first port for the root itself.
            devices.append(devices.makeelement("controller", {"type": "pci", "index": "0", "model": "pcie-root"}))
        for _missing in range(value - self.read(element)):
            devices.append(devices.makeelement("controller", {"type": "pci", "model": self.MODEL}))

    def erase(self, element: Element) -> None:
        for each in list(document.children(element, self.path)):
            if each.get("model") == self.MODEL:
                each.getparent().remove(each)


CONTROLLERS = (
    RootPorts("pcie_root_ports", "devices/controller"),
    Group(
        "scsi_controller",
        (
            Text("model", "@model", NEXT_BOOT, {"choices": ["virtio-scsi", "lsilogic"]}),
            Integer("queues", "driver/@queues"),
            Integer("iothread", "driver/@iothread"),
        ),
        "devices/controller[@type='scsi']",
    ),
    Text(
        "usb_controller",
        "devices/controller[@type='usb']/@model",
        NEXT_BOOT,
        {"choices": ["qemu-xhci", "nec-xhci", "piix3-uhci", "none"]},
    ),
)


def refused(given: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    """What cannot be, a sentence each."""
    if given.get("pcie_root_ports") and not str(result.get("machine")).startswith(("q35", "pc-q35", "virt")):
        machine = result.get("machine") or "the default"
        yield f"pcie_root_ports need a machine with PCI Express (q35, virt), not {machine}."
    scsi, threads = given.get("scsi_controller") or {}, result.get("iothreads") or 0
    if scsi.get("iothread") is not None and not 1 <= scsi["iothread"] <= threads:
        yield f"scsi_controller has I/O thread {scsi['iothread']}, and iothreads is {threads}."
    model = (result.get("scsi_controller") or {}).get("model")
    if (scsi.get("queues") or scsi.get("iothread")) and model != "virtio-scsi":
        yield "scsi_controller.queues and scsi_controller.iothread need scsi_controller.model virtio-scsi."
