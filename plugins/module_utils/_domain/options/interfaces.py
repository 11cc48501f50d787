# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
# pylint does not see the fields that a dataclass inherits from another file.
# pylint: disable=redundant-keyword-arg
"""Network cards."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Iterator, Mapping

from ..._xml import document
from ..._xml.document import Element
from ..._xml.kinds import Limit
from ..._xml.properties import LIVE, NEXT_BOOT, Group, Integer, Name, Property, Text, YesNo
from . import port_forwards
from .boot import BootOrder
from .plugged import Plugged

SOURCES = ("network", "bridge", "direct", "user", "passt")
_MAC = re.compile("[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_GENERATED = ("vnet", "macvtap", "macvlan")
"""The names that libvirt gives to host devices by itself, and never keeps."""


def _plug(element: Element, kind: str) -> None:
    """Make it a card of that kind, plugged into nothing."""
    element.set("type", kind)
    for path in ("source", "backend", "portForward"):
        document.remove(element, path)


class InterfaceSource(Property):
    """What a network card is plugged into: a libvirt network or a bridge of the hypervisor, by the element's type."""

    def read(self, element: Element) -> Any:
        return document.get(element, self.path) if element.get("type") == self.name else None

    def write(self, element: Element, value: Any) -> None:
        _plug(element, self.name)
        document.put(element, self.path, value)


class Direct(Property):
    """A card of its own beside one of the hypervisor's (macvtap)."""

    type = "dict"

    def argument(self) -> dict[str, Any]:
        modes = ["bridge", "vepa", "private", "passthrough"]
        options = {
            "dev": {"type": "str", "required": True},
            "mode": {"type": "str", "choices": modes, "default": "bridge"},
        }
        return {"type": "dict", "options": options}

    def read(self, element: Element) -> Any:
        if element.get("type") != "direct":
            return None
        return {"dev": document.get(element, "source/@dev"), "mode": document.get(element, "source/@mode")}

    def write(self, element: Element, value: Any) -> None:
        _plug(element, "direct")
        for name in ("dev", "mode"):
            document.put(element, f"source/@{name}", value[name])


class UserNetwork(Property):
    """A network that QEMU (slirp) or passt makes without privileges. A card leaves it by being plugged elsewhere."""

    type = "bool"
    BACKENDS: Mapping[str, str | None] = {"user": None, "passt": "passt"}

    def same(self, present: Any, wanted: Any) -> bool:
        return bool(present) == bool(wanted)

    def read(self, element: Element) -> Any:
        return element.get("type") == "user" and document.get(element, "backend/@type") == self.BACKENDS[self.name]

    def write(self, element: Element, value: Any) -> None:
        _plug(element, "user")
        backend = self.BACKENDS[self.name]
        if backend is not None:
            document.put(element, "backend/@type", backend)


@dataclass(frozen=True)
class Shaping(Group):
    """The traffic of one direction. An average of 0 takes the limit away, and what belongs to it."""

    def write(self, element: Element, value: Any) -> None:
        if value.get("average") == 0:
            document.remove(element, self.path)
        else:
            super().write(element, value)


class FilterName(Text):
    """The name of a filter. Without one there are no parameters either."""

    def write(self, element: Element, value: Any) -> None:
        if value == "":
            document.remove(element, "parameter")
        super().write(element, value)


class FilterParameters(Property):
    """What the rules of a filter are filled with: names, and a value or several each."""

    type = "dict"

    def normal(self, value: Any) -> Any:
        return {
            str(name): [str(one) for one in each] if isinstance(each, list) else str(each)
            for name, each in value.items()
        }

    def read(self, element: Element) -> Any:
        found: dict[str, Any] = {}
        for each in document.children(element, self.path):
            name, value = str(each.get("name")), str(each.get("value"))
            found[name] = [*_listed(found[name]), value] if name in found else value
        return found

    def same(self, present: Any, wanted: Any) -> bool:
        plain, other = ({name: _listed(each) for name, each in (values or {}).items()} for values in (present, wanted))
        return plain == other

    def write(self, element: Element, value: Any) -> None:
        document.remove(element, self.path)
        for name, each in value.items():
            for one in _listed(each):
                element.append(element.makeelement(self.path, {"name": name, "value": one}))


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _shaping(direction: str) -> Shaping:
    return Shaping(
        direction,
        tuple(Limit(name, f"@{name}", LIVE) for name in ("average", "peak", "burst")),
        direction,
    )


INTERFACES = Plugged(
    "interfaces",
    "devices/interface",
    ("mac",),
    (
        Name("mac", "mac/@address"),
        InterfaceSource("network", "source/@network", LIVE),
        InterfaceSource("bridge", "source/@bridge", LIVE),
        Direct("direct", "source"),
        UserNetwork("user", "@type"),
        # Its name looks like that of a secret.
        UserNetwork("passt", "backend/@type", spec={"no_log": False}),
        port_forwards.PortForwards("port_forwards", "portForward"),
        Text("portgroup", "source/@portgroup"),
        Text("model", "model/@type", NEXT_BOOT, {"choices": ["virtio", "e1000", "e1000e", "rtl8139"]}),
        Text("driver", "driver/@name", NEXT_BOOT, {"choices": ["vhost", "qemu"]}),
        Integer("queues", "driver/@queues"),
        Text("target", "target/@dev", generated=True),
        Integer("mtu", "mtu/@size"),
        Group("bandwidth", (_shaping("inbound"), _shaping("outbound")), "bandwidth"),
        Text("link", "link/@state", LIVE, {"choices": ["up", "down"]}, missing="up"),
        Group(
            "filterref",
            (FilterName("name", "@filter", LIVE), FilterParameters("parameters", "parameter", LIVE)),
            "filterref",
        ),
        YesNo("isolated", "port/@isolated", missing=False),
        BootOrder("boot_order", "boot/@order"),
    ),
    LIVE,
    defaults={"model": "virtio"},
    removable=True,
    sources=SOURCES,
)


def refused(given: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    """What cannot be, a sentence each."""
    present = {card["mac"]: card for card in result.get("interfaces") or []}
    for asked in given.get("interfaces") or []:
        if asked.get("state") != "absent":
            for sentence in _refused(asked, present.get(asked["mac"]) or asked):
                yield f"interface {asked['mac']}: {sentence}"


def _refused(asked: Mapping[str, Any], card: Mapping[str, Any]) -> Iterator[str]:
    if not _MAC.fullmatch(asked["mac"]):
        yield "that is not a MAC address: write it as '52:54:00:12:34:56', in quotes, or YAML may take it for a number."
    sources = [name for name in SOURCES if asked.get(name)]
    if len(sources) > 1:
        yield f"it is plugged into one of {' and '.join(sources)}."
    for name in ("user", "passt"):
        if asked.get(name) is False and card.get(name):
            yield f"to end {name}, plug it into something else."
    if asked.get("portgroup") and not card.get("network"):
        yield "a portgroup belongs to a network."
    if str(asked.get("target") or "").startswith(_GENERATED):
        yield f"libvirt gives names like {asked['target']} by itself: choose another target."
    if (asked.get("filterref") or {}).get("parameters") and not (card.get("filterref") or {}).get("name"):
        yield "filterref.parameters need filterref.name."
    yield from port_forwards.refused(asked.get("port_forwards") or [], bool(card.get("passt")))
    yield from _refused_limits(asked.get("bandwidth") or {}, card)


def _refused_limits(asked: Mapping[str, Any], card: Mapping[str, Any]) -> Iterator[str]:
    if asked and (card.get("user") or card.get("passt")):
        yield "a network without privileges has no bandwidth limits."
    for direction, limits in asked.items():
        average = ((card.get("bandwidth") or {}).get(direction) or {}).get("average")
        if (limits.get("peak") or limits.get("burst")) and not average:
            yield f"bandwidth.{direction} needs an average."
