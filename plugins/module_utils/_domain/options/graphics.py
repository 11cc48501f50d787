# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The guest's screen, sound and input devices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator, Mapping

from ..._xml import document
from ..._xml.document import Element
from ..._xml.kinds import DeviceModel, Password, SizeAttribute
from ..._xml.properties import NEXT_BOOT, Group, Integer, Items, Property, Text

NONE = "none"


class Graphics(Property):
    """A screen that is reached over the network, from the hypervisor itself only; or none."""

    def read(self, element: Element) -> Any:
        return document.get(element, self.path) or NONE

    def write(self, element: Element, value: Any) -> None:
        document.remove(element, "devices/graphics")
        document.remove(element, "devices/video")
        if value != NONE:
            document.put(element, self.path, value)
            document.put(element, "devices/graphics/@autoport", "yes")
            document.put(element, "devices/graphics/@listen", "127.0.0.1")


class GraphicsListen(Text):
    """The address that serves the screen. libvirt repeats it in an element, which has to say the same."""

    def write(self, element: Element, value: Any) -> None:
        document.remove(element, "devices/graphics/listen")
        super().write(element, value)


class GraphicsPort(Integer):
    """The port that serves the screen. 0 is one that libvirt chooses at each start."""

    def read(self, element: Element) -> Any:
        if document.get(element, "devices/graphics/@autoport") == "yes":
            return 0
        return super().read(element)

    def write(self, element: Element, value: Any) -> None:
        document.put(element, "devices/graphics/@autoport", "no" if value else "yes")
        if value:
            super().write(element, value)
        else:
            document.remove(element, self.path)


class VideoModel(Text):
    """The model of the graphics card. What belongs to the former model goes with it."""

    def write(self, element: Element, value: Any) -> None:
        element.attrib.clear()
        for child in list(element):
            element.remove(child)
        super().write(element, value)


@dataclass(frozen=True)
class VideoMemory(SizeAttribute):
    """A size in KiB, without a unit."""

    def write(self, element: Element, value: Any) -> None:
        document.put(element, self.path, str(-(-value // 1024)))


GRAPHICS = (
    Graphics("graphics", "devices/graphics/@type", NEXT_BOOT, {"choices": [NONE, "vnc", "spice"]}),
    GraphicsListen("graphics_listen", "devices/graphics/@listen", generated=True),
    GraphicsPort("graphics_port", "devices/graphics/@port"),
    # It cannot be read from a running domain.
    Password("graphics_password", "devices/graphics/@passwd", NEXT_BOOT, {"no_log": True}, volatile=True),
    Group(
        "video",
        (
            VideoModel(
                "model", "@type", NEXT_BOOT, {"choices": ["virtio", "vga", "qxl", "bochs", "cirrus", "ramfb", NONE]}
            ),
            VideoMemory("vram", "@vram"),
            Integer("heads", "@heads"),
        ),
        "devices/video/model",
    ),
    DeviceModel(
        "sound", "devices/sound/@model", NEXT_BOOT, {"choices": ["ich9", "ich6", "ac97", "es1370", "sb16", "usb", NONE]}
    ),
    Items(
        "inputs",
        "devices/input",
        ("type", "bus"),
        (
            Text("type", "@type", NEXT_BOOT, {"required": True, "choices": ["tablet", "mouse", "keyboard"]}),
            Text("bus", "@bus", NEXT_BOOT, {"required": True, "choices": ["usb", "virtio", "ps2"]}),
        ),
        removable=True,
    ),
)

_LOCAL = ("127.", "::1", "localhost")


def refused(given: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    """What cannot be, a sentence each."""
    for name in ("graphics_listen", "graphics_port", "graphics_password"):
        if given.get(name) and result.get("graphics") == NONE:
            yield f"{name} needs graphics: vnc or spice."
    listen, known = given.get("graphics_listen"), result.get("graphics_password") is not None
    if listen and not listen.startswith(_LOCAL) and not (known or given.get("graphics_password")):
        yield f"graphics_listen {listen} lets others in: give a graphics_password, or listen on 127.0.0.1."
    video = given.get("video") or {}
    if video and not (result.get("video") or {}).get("model"):
        yield "video needs a model."
    if video.get("model") == NONE and (video.get("vram") or video.get("heads")):
        yield "video.model none has neither vram nor heads."
