# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Serial port, channels and the guest agent: how the hypervisor talks with what runs in the guest."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from ..._xml import document
from ..._xml.document import Element
from ..._xml.properties import LIVE, NEXT_BOOT, Group, Integer, Items, Presence, Property, Text

SERIAL = "devices/serial"


class SerialType(Text):
    """Where the other end of the serial port is. What belongs to the former one goes with it."""

    def write(self, element: Element, value: Any) -> None:
        for path in ("source", "protocol"):
            document.remove(element, path)
        super().write(element, value)
        # The first console is the same port, which libvirt describes once more.
        devices = element.getparent()
        for console in list(devices.iterfind("console"))[:1]:
            if document.get(console, "target/@type") in (None, "serial"):
                devices.remove(console)


class ListeningPath(Text):
    """A path. A socket there is one on which QEMU listens."""

    def write(self, element: Element, value: Any) -> None:
        if value and element.get("type") == "unix":
            document.put(element, "source/@mode", "bind")
        super().write(element, value)


class TcpPort(Integer):
    """The port on which QEMU listens, on an address of the hypervisor, its own loopback unless told otherwise."""

    def write(self, element: Element, value: Any) -> None:
        document.put(element, "source/@mode", "bind")
        if document.get(element, "source/@host") is None:
            document.put(element, "source/@host", "127.0.0.1")
        document.put(element, "protocol/@type", "raw")
        super().write(element, value)


class SerialLog(Property):
    """The file into which libvirt copies what the guest writes to its first serial port."""

    def write(self, element: Element, value: Any) -> None:
        if document.find(element, SERIAL) is None:
            document.put(element, f"{SERIAL}/@type", "pty")
        document.put(element, self.path, value)
        document.put(element, f"{SERIAL}/log/@append", "on")


class ChannelName(Text):
    """The name of a virtio port."""

    def write(self, element: Element, value: Any) -> None:
        document.put(element, "target/@type", "virtio")
        super().write(element, value)


class GuestAgent(Presence):
    """The channel on which QEMU's guest agent listens."""

    NAME = "org.qemu.guest_agent.0"

    def read(self, element: Element) -> Any:
        return bool(list(document.children(element, f"{self.path}[@name='{self.NAME}']")))

    def write(self, element: Element, value: Any) -> None:
        if not value:
            for target in list(document.children(element, f"{self.path}[@name='{self.NAME}']")):
                channel = target.getparent()
                channel.getparent().remove(channel)
            return
        devices = document.ensure(element, "devices")
        channel = devices.makeelement("channel", {"type": "unix"})
        channel.append(channel.makeelement("target", {"type": "virtio", "name": self.NAME}))
        devices.append(channel)


class Channels(Items):
    """The channels but for the agent's, which is an option of its own."""

    def elements(self, element: Element) -> list[Element]:
        return [each for each in super().elements(element) if document.get(each, "target/@name") != GuestAgent.NAME]


CONSOLES = (
    Group(
        "serial",
        (
            SerialType("type", "@type", NEXT_BOOT, {"choices": ["pty", "file", "unix", "tcp"]}),
            ListeningPath("path", "source/@path", generated=True),
            Text("host", "source/@host"),
            TcpPort("port", "source/@service"),
        ),
        SERIAL,
    ),
    SerialLog("serial_log", f"{SERIAL}/log/@file"),
    Channels(
        "channels",
        "devices/channel",
        ("name",),
        (
            ChannelName("name", "target/@name", spec={"required": True}),
            Text("type", "@type", NEXT_BOOT, {"choices": ["unix", "spicevmc"]}),
            ListeningPath("path", "source/@path", generated=True),
        ),
        LIVE,
        defaults={"type": "unix"},
        removable=True,
    ),
    GuestAgent("guest_agent", "devices/channel/target", LIVE),
)


def refused(given: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    """What cannot be, a sentence each."""
    asked, serial = given.get("serial") or {}, result.get("serial") or {}
    kind = serial.get("type")
    if asked and kind in ("file", "unix") and not serial.get("path"):
        yield f"serial.type {kind} needs serial.path."
    if asked.get("path") and kind not in ("file", "unix"):
        yield f"serial.path is for serial.type file or unix, not {kind}."
    if asked and kind == "tcp" and not serial.get("port"):
        yield "serial.type tcp needs serial.port."
    if (asked.get("port") or asked.get("host")) and kind != "tcp":
        yield f"serial.host and serial.port are for serial.type tcp, not {kind}."
    spice = result.get("graphics") == "spice"
    for channel in given.get("channels") or []:
        if channel["name"] == GuestAgent.NAME:
            yield f"channel {channel['name']} is the guest agent's: use guest_agent."
        if channel.get("state") != "absent" and channel.get("type") == "spicevmc":
            if channel.get("path"):
                yield f"channel {channel['name']}: type spicevmc has no path."
            if not spice:
                yield f"channel {channel['name']}: type spicevmc needs graphics: spice."
