# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What libvirt makes of a screen: newer elements and older attributes say where it listens."""

from __future__ import annotations

from ..._xml.document import Element

_ON_NETWORK = ("address", "network")


def listen(graphics: Element) -> None:
    """The C(listen) elements say all, and the ports what is meant by them."""
    kind = graphics.get("type")
    if kind not in ("vnc", "spice", "rdp"):
        return
    first = _first_listen(graphics, kind)
    if kind == "vnc":
        _vnc_ports(graphics, first)
    elif kind == "spice":
        _spice_ports(graphics, first)


def _first_listen(graphics: Element, kind: str) -> Element:
    """The first C(listen), which the attributes of the graphics complete or replace."""
    address, socket = graphics.attrib.pop("listen", ""), graphics.attrib.pop("socket", "")
    first = graphics.find("listen")
    if first is None:
        first = graphics.makeelement("listen", {"type": "address"})
        graphics.insert(0, first)
    if first.get("type") == "address" and not first.get("address"):
        first.attrib.pop("address", None)
        if address:
            first.set("address", address)
    if first.get("type") == "network":
        first.attrib.pop("address", None)
    if kind == "vnc" and socket and first.get("type") in _ON_NETWORK:
        first.attrib.clear()
        first.set("type", "socket")
    if first.get("type") == "socket" and socket and not first.get("socket"):
        first.set("socket", socket)
    return first


def _vnc_ports(graphics: Element, first: Element) -> None:
    port, asked = graphics.attrib.pop("port", ""), graphics.attrib.pop("autoport", "")
    automatic = asked == "yes" or (asked != "no" and port in ("", "-1"))
    if first.get("type") not in _ON_NETWORK:
        graphics.attrib.pop("websocket", None)
        return
    graphics.set("autoport", "yes" if automatic else "no")
    if not automatic and port not in ("", "0", "-1"):
        graphics.set("port", port)


def _spice_ports(graphics: Element, first: Element) -> None:
    ports = {name: graphics.attrib.pop(name, "0") for name in ("port", "tlsPort")}
    asked = graphics.attrib.pop("autoport", "no")
    automatic = asked == "yes" or set(ports.values()) == {"-1"}
    given = {name: port for name, port in ports.items() if port != "0" and not automatic}
    if first.get("type") == "address" and not given and not automatic:
        # Listening nowhere, as it was said before there was an element for it.
        first.attrib.clear()
        first.set("type", "none")
    if first.get("type") in _ON_NETWORK:
        graphics.attrib.update({"autoport": "yes" if automatic else "no", **given})
