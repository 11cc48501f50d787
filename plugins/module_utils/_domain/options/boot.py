# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What the guest's machine is, and how it boots."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from ..._xml import document
from ..._xml.document import Element
from ..._xml.properties import NEXT_BOOT, RECREATE, Integer, Property, Text, YesNo

BIOS, UEFI = "bios", "uefi"


class Machine(Text):
    """A machine type. libvirt stores what an alias such as C(pc) stands for, which stays when QEMU is upgraded."""

    ALIASES: Mapping[str, str] = {"pc": "pc-i440fx-", "q35": "pc-q35-", "virt": "virt-"}

    def same(self, present: Any, wanted: Any) -> bool:
        alias = self.ALIASES.get(wanted)
        return bool(present == wanted or (alias and str(present).startswith(alias)))


class Boot(Property):
    """The order of boot devices, one element each. It and an order of single devices exclude each other."""

    type = "list"

    def argument(self) -> dict[str, Any]:
        return {"type": "list", "elements": "str", "choices": ["hd", "cdrom", "network", "fd"]}

    def read(self, element: Element) -> Any:
        return [each.get("dev") for each in document.children(element, self.path)]

    def write(self, element: Element, value: Any) -> None:
        document.remove(element, self.path)
        document.remove(element, "devices/*/boot")
        parent = document.ensure(element, "os")
        for name in value:
            parent.append(parent.makeelement("boot", {"dev": name}))


class BootOrder(Integer):
    """The place of one device in the boot order, which replaces the domain's own order."""

    def write(self, element: Element, value: Any) -> None:
        document.remove(element.getroottree().getroot(), "os/boot")
        super().write(element, value)


class Firmware(Property):
    """UEFI is chosen by libvirt, or told by the loader; else it is the machine's own firmware, SeaBIOS on PCs."""

    def read(self, element: Element) -> Any:
        chosen = document.get(element, "os/@firmware")
        if chosen is None and document.get(element, "os/loader/@type") == "pflash":
            return UEFI
        return UEFI if chosen == "efi" else chosen

    def same(self, present: Any, wanted: Any) -> bool:
        return bool((present or BIOS) == wanted)

    def write(self, element: Element, value: Any) -> None:
        # A loader, its variables and the wished features are the former firmware's.
        for path in ("os/@firmware", "os/loader", "os/nvram", "os/firmware"):
            document.remove(element, path)
        if value == UEFI:
            document.put(element, "os/@firmware", "efi")


class SecureBoot(Property):
    """UEFI that only boots what is signed, with the well-known keys enrolled."""

    type = "bool"
    FEATURES = ("secure-boot", "enrolled-keys")

    def read(self, element: Element) -> Any:
        enabled = document.get(element, "os/firmware/feature[@name='secure-boot']/@enabled")
        return (document.get(element, "os/loader/@secure") if enabled is None else enabled) == "yes"

    def write(self, element: Element, value: Any) -> None:
        for name in self.FEATURES:
            document.put(element, f"os/firmware/feature[@name='{name}']/@enabled", "yes" if value else "no")
        if value:
            # Without System Management Mode the guest could write the variables that protect it.
            document.put(element, "features/smm/@state", "on")
        else:
            document.remove(element, "os/loader/@secure")


class Loader(Text):
    """The path of the firmware itself, in place of one that libvirt chooses."""

    def write(self, element: Element, value: Any) -> None:
        document.remove(element, "os/@firmware")
        document.remove(element, "os/firmware")
        if value == "":
            document.remove(element, self.path)
            return
        if document.get(element, "os/loader/@type") is None:
            document.put(element, "os/loader/@readonly", "yes")
            document.put(element, "os/loader/@type", "pflash")
        super().write(element, value)


MACHINE = (
    Text("arch", "os/type/@arch", RECREATE),
    Machine("machine", "os/type/@machine"),
)

BOOT = (
    Firmware("firmware", "os/@firmware", NEXT_BOOT, {"choices": [BIOS, UEFI]}),
    SecureBoot("secure_boot", "os/firmware"),
    # A running domain has what libvirt chose.
    Loader("loader", "os/loader", generated=True),
    Text("loader_type", "os/loader/@type", NEXT_BOOT, {"choices": ["pflash", "rom"]}, generated=True),
    Text("nvram", "os/nvram", generated=True),
    Text("nvram_template", "os/nvram/@template", generated=True),
    Text("kernel", "os/kernel"),
    Text("initrd", "os/initrd"),
    Text("cmdline", "os/cmdline"),
    Boot("boot", "os/boot"),
    YesNo("boot_menu", "os/bootmenu/@enable", missing=False),
    Integer("boot_menu_timeout", "os/bootmenu/@timeout"),
    YesNo("bios_serial", "os/bios/@useserial", missing=False),
    Integer("reboot_timeout", "os/bios/@rebootTimeout", missing=-1),
)


def refused(given: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    """What cannot be, a sentence each."""
    if given.get("secure_boot") and result.get("firmware") != UEFI:
        yield "secure_boot needs firmware: uefi."
    if given.get("secure_boot") and not str(result.get("machine")).startswith(("q35", "pc-q35")):
        yield f"secure_boot needs the machine type q35, not {result.get('machine') or 'the default'}."
    if given.get("secure_boot") and ((given.get("features") or {}).get("smm") is False):
        yield "secure_boot needs features.smm."
    if given.get("firmware") == UEFI and given.get("loader_type") == "rom":
        yield "firmware uefi is loaded from flash: take loader_type rom away."
    if (given.get("nvram") or given.get("nvram_template")) and result.get("firmware") != UEFI:
        yield "nvram is where UEFI keeps its variables: it needs firmware: uefi."
    for name in ("initrd", "cmdline"):
        if given.get(name) and not result.get("kernel"):
            yield f"{name} needs a kernel."
    if given.get("boot_menu_timeout") is not None and not result.get("boot_menu"):
        yield "boot_menu_timeout needs boot_menu."
    ordered = [each for name in ("disks", "interfaces") for each in given.get(name) or [] if each.get("boot_order")]
    if given.get("boot") and ordered:
        yield "boot and the boot_order of single devices exclude each other."
