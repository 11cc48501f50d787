# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Values as libvirt writes them."""

from __future__ import annotations

from typing import Any, Callable

from ..._xml.document import Element


def number(text: str) -> str:
    """A number, hexadecimal or not, in decimal; other text as it is."""
    try:
        return str(int(text, 16 if text.strip().lower().startswith("0x") else 10))
    except ValueError:
        return text


def numbers(text: str) -> str:
    """A set of numbers, such as C(0-3,^2), in order."""
    found: set[int] = set()
    try:
        for part in text.split(","):
            first, _dash, last = part.strip().lstrip("^").partition("-")
            members = set(range(int(first), int(last or first) + 1))
            found = found - members if part.strip().startswith("^") else found | members
    except ValueError:
        return text
    return ",".join(map(str, sorted(found)))


def controller_key(controller: Element) -> Any:
    """Controllers mean the same in any order, and libvirt keeps none."""
    return str(controller.get("type")), int(controller.get("index") or 0), str(controller.get("model"))


def input_key(device: Element) -> Any:
    """libvirt appends the inputs of every PC, whichever of them a document has."""
    return device.get("bus") == "ps2", device.get("bus") == "ps2" and str(device.get("type"))


def number_of(attribute: str) -> Callable[[Element], int]:
    """Elements in the order of a number that each has."""
    return lambda element: int(element.get(attribute) or 0)


def nic_model(text: str) -> str:
    """The models that libvirt knows are written in lower case."""
    return text.lower()


def with_lun(text: str) -> str:
    """The first unit is the one that is meant where none is named."""
    return text if "/" in text else f"{text}/0"


def usb_version(text: str) -> str:
    """A version has two digits after the point."""
    major, _dot, minor = text.partition(".")
    return f"{major}.{minor:0<2}"


def power_of_two(text: str) -> str:
    """Video memory is rounded up to one."""
    return str(1 << (int(text) - 1).bit_length()) if int(text) else text


def file_mode(text: str) -> str:
    """An octal mode, in four digits."""
    return f"{int(text, 8):04o}"


def source_mode(source: Element) -> str:
    """What is listened on comes before what is connected to."""
    return str(source.get("mode"))


def constant(value: str) -> Callable[[str], str]:
    """One value in the place of any."""
    return lambda text: value


def name(element: Element) -> str:
    """What an element is called."""
    return str(element.get("name"))


def alike(_element: Element) -> None:
    """All elements of a name, of which there may be one."""
