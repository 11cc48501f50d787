# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Ports of the hypervisor that passt leads to a guest."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address
from typing import Any, Iterator, Mapping

from ..._xml import document
from ..._xml.document import Element
from ..._xml.properties import Property

LAST_PORT = 65535


class PortForwards(Property):
    """All of them, as they are only known by what they say. passt takes them when it starts, so none changes live."""

    type = "list"

    def argument(self) -> dict[str, Any]:
        ports = {
            "start": {"type": "int", "required": True},
            "end": {"type": "int"},
            "to": {"type": "int"},
            "exclude": {"type": "bool", "default": False},
        }
        options = {
            "proto": {"type": "str", "choices": ["tcp", "udp"], "default": "tcp"},
            "address": {"type": "str"},
            "dev": {"type": "str"},
            "ports": {"type": "list", "elements": "dict", "options": ports, "default": []},
        }
        return {"type": "list", "elements": "dict", "options": options}

    def normal(self, value: Any) -> Any:
        return [_forward(each) for each in value]

    def read(self, element: Element) -> Any:
        found = document.children(element, self.path)
        return self.normal([{**each.attrib, "ports": map(_range, each.iterchildren("range"))} for each in found])

    def write(self, element: Element, value: Any) -> None:
        self.erase(element)
        for forward in value:
            said = {name: forward[name] for name in ("proto", "address", "dev") if forward[name]}
            made = element.makeelement(self.path, said)
            made.extend([made.makeelement("range", _attributes(each)) for each in forward["ports"]])
            element.append(made)


def _forward(said: Mapping[str, Any]) -> dict[str, Any]:
    """The one form of a forward, whichever way it was said."""
    address = said.get("address") or None
    with suppress(ValueError):
        address = address and str(ip_address(address))
    return {
        "proto": said.get("proto") or "tcp",
        "address": address,
        "dev": said.get("dev") or None,
        "ports": [_ports(**each) for each in said.get("ports") or []],
    }


def _ports(start: int, end: int | None = None, to: int | None = None, exclude: bool = False) -> dict[str, Any]:
    """A range. Where no end is told it is one port; where it is not told where they lead, they lead to their like."""
    return {
        "start": start,
        "end": start if end is None else end,
        "to": start if to is None and not exclude else to,
        "exclude": bool(exclude),
    }


def _range(element: Element) -> dict[str, Any]:
    numbers = {name: int(element.get(name)) for name in ("start", "end", "to") if element.get(name)}
    return {"start": 0, **numbers, "exclude": element.get("exclude") == "yes"}


def _attributes(ports: Mapping[str, Any]) -> dict[str, str]:
    """What a range has to say beyond what it means anyway."""
    told = [name for name in ("end", "to") if ports[name] not in (None, ports["start"])]
    numbers = {name: str(ports[name]) for name in ("start", *told)}
    return {**numbers, "exclude": "yes"} if ports["exclude"] else numbers


def refused(forwards: Any, passt: bool) -> Iterator[str]:
    """What cannot be, a sentence each."""
    if forwards and not passt:
        yield "port_forwards are passt's: give the card passt: true, or take them away."
    for each in forwards:
        if each["address"] and not _is_address(each["address"]):
            yield f"port_forwards has the address {each['address']}, which is none: write it as 127.0.0.1 or '::1'."
        for ports in each["ports"]:
            yield from _refused_ports(ports)


def _is_address(text: str) -> bool:
    with suppress(ValueError):
        return bool(ip_address(text))
    return False


def _refused_ports(ports: Mapping[str, Any]) -> Iterator[str]:
    start, end, to = ports["start"], ports["end"], ports["to"]
    if not 1 <= start <= end <= LAST_PORT:
        yield f"port_forwards has the ports {start} to {end}: give start and end in this order, from 1 to {LAST_PORT}."
    elif ports["exclude"] and to is not None:
        yield f"port_forwards leaves out the ports {start} to {end}, so they lead to none: take to away."
    elif to is not None and not 1 <= to <= LAST_PORT - (end - start):
        yield f"port_forwards leads the ports {start} to {end} to {to} and up, which goes beyond 1 to {LAST_PORT}."
