# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What libvirt makes of a C(<network>) when it stores it: the form in which two documents of one meaning are equal.

A table says per element what libvirt drops, fills in and writes in a form of its own. What is not in the table stays:
libvirt then either stores it as it is, or refuses it at define.
"""

from __future__ import annotations

import socket
from typing import Any, Callable
from uuid import UUID

from .._xml import document
from .._xml import stated as trees
from .._xml.document import Element
from .properties import FORWARD
from .values import OWN_BRIDGE

_UNORDERED = {"network", "dhcp", "dns", "forward", "vlan", "nat", "bandwidth", "portgroup", "ip"}
"""Elements in which libvirt, or their meaning, leaves no order to children of different names."""
_ORDERED = {"ip", "forwarder"}
"""Children whose order among themselves counts."""


def normal(element: Element) -> Element:
    """A copy in normal form, without the UUID, which is identity."""
    clone = document.copy(element)
    document.remove(clone, "uuid")
    metadata = clone.find("metadata")
    kept = set() if metadata is None else set(metadata.iter())
    if metadata is not None:
        _metadata(metadata)
    # From the leaves, so that an element is looked at after what is inside it.
    for each in reversed(list(clone.iter())):
        if each in kept:
            continue
        _trim(each)
        _RULES.get(each.tag, _keep)(each)
        if each.tag in _UNORDERED:
            each[:] = sorted(each, key=_rank)
    return clone


def normal_live(element: Element) -> Element:
    """The normal form of a running network, and of a stored one that is compared with it."""
    clone = normal(element)
    ports = clone.find("forward/nat/port")
    if ports is not None and dict(ports.attrib) == {"start": "1024", "end": "65535"}:
        document.remove(clone, "forward/nat/port")  # what a running network shows where nothing is stated
    if clone.find("forward/pf") is not None:
        for path in ("forward/interface", "forward/address"):
            document.remove(clone, path)  # the virtual functions that libvirt found
    return clone


def _metadata(element: Element) -> None:
    """libvirt keeps one element of each namespace, and none without."""
    seen: set[str | None] = {None}
    for child in list(element):
        namespace = child.xpath("namespace-uri()") or None
        if namespace in seen:
            element.remove(child)
        seen.add(namespace)


def _rank(element: Element) -> tuple[str, str]:
    return str(element.tag), "" if element.tag in _ORDERED else trees.canonical(element)


def _trim(element: Element) -> None:
    element.tail = None
    if not (element.text or "").strip():
        element.text = None
    for name, form in _FORMS.items():
        if name in element.attrib:
            element.set(name, _or_as_it_is(form, element.get(name)))


def _or_as_it_is(form: Callable[[str], str], text: str) -> str:
    """What is no such value is left for libvirt to refuse."""
    try:
        return form(text)
    except (ValueError, OSError):
        return text


def _address(text: str) -> str:
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    return socket.inet_ntop(family, socket.inet_pton(family, text))


def _mac(text: str) -> str:
    return ":".join(f"{int(part, 16):02x}" for part in text.split(":"))


def _number(text: str) -> str:
    return str(int(text))


def _any_base(text: str) -> str:
    return str(int(text, 0))


def _uuid(text: str) -> str:
    return str(UUID(text))


_FORMS: dict[str, Callable[[str], str]] = {
    **dict.fromkeys(("delay", "size", "prefix", "metric", "port", "priority", "weight"), _number),
    **dict.fromkeys(("average", "peak", "burst", "floor", "expiry"), _number),
    **dict.fromkeys(("managerid", "typeid", "typeidversion"), _any_base),
    **dict.fromkeys(("instanceid", "interfaceid"), _uuid),
    **dict.fromkeys(("addr", "netmask", "gateway", "ip", "server"), _address),
}
"""Attributes of one form wherever they are."""


def _keep(_element: Element) -> None:
    """Most elements are stored as they were given."""


def _rewrite(form: Callable[[str], str], *names: str) -> Callable[[Element], None]:
    """Bring attributes into a form that they do not have everywhere."""

    def rewrite(element: Element) -> None:
        for name in names:
            if name in element.attrib:
                element.set(name, _or_as_it_is(form, element.get(name)))

    return rewrite


def _drop(element: Element, *unless: str, **values: str) -> None:
    """Drop attributes that have these values, and the element where nothing of C(unless) is left in it."""
    for name, value in values.items():
        if element.get(name) == value:
            del element.attrib[name]
    if not len(element) and not any(element.get(name) for name in unless):
        element.getparent().remove(element)


def _network(element: Element) -> None:
    for name, value in (("connections", element.get("connections")), ("ipv6", "no")):
        if name in element.attrib and element.get(name) == value:
            del element.attrib[name]
    if element.find("bridge") is None and FORWARD.read(element) in OWN_BRIDGE:
        element.append(element.makeelement("bridge", {"stp": "on", "delay": "0"}))


def _bridge(element: Element) -> None:
    if FORWARD.read(element.getparent()) in OWN_BRIDGE:
        element.set("stp", "off" if element.get("stp") == "off" else "on")
        element.set("delay", element.get("delay") or "0")
    else:
        _drop(element, "name", "stp", "delay", "zone", "macTableManager", delay="0")


def _forward(element: Element) -> None:
    element.set("mode", element.get("mode") or "nat")
    if element.get("mode") == "hostdev":
        element.set("managed", "yes" if (element.get("managed") or "").lower() == "yes" else "no")
    else:
        element.attrib.pop("managed", None)
    element.attrib.pop("dev", None)  # repeats the first interface


def _interface(element: Element) -> None:
    element.attrib.pop("connections", None)


def _nat(element: Element) -> None:
    ports = element.find("port")
    if ports is not None and {ports.get("start"), ports.get("end")} == {"0"}:
        element.remove(ports)
    _drop(element, "ipv6")


def _addresses(element: Element) -> None:
    """Those that are translated to, or that of a device."""
    _rewrite(_address, "start", "end")(element)
    if element.get("type") == "pci":
        for name in ("domain", "bus", "slot", "function"):
            element.set(name, _or_as_it_is(_any_base, element.get(name) or "0"))


def _port(element: Element) -> None:
    _rewrite(_number, "start", "end")(element)
    _drop(element, "start", "end", "isolated")


def _ip(element: Element) -> None:
    _rewrite(_address, "address")(element)
    _drop(element, "address", prefix="0")


def _tftp(element: Element) -> None:
    _drop(element, "root")


def _dhcp(element: Element) -> None:
    if element.getparent().get("family") == "ipv6":
        document.remove(element, "bootp")
    if element.find("range") is None and element.find("host") is None:
        element.getparent().remove(element)


def _lease(element: Element) -> None:
    if element.get("expiry") is None:
        element.getparent().remove(element)
    elif element.get("expiry") == "0":
        element.attrib.pop("unit", None)
    else:
        element.set("unit", element.get("unit") or "minutes")


def _dns(element: Element) -> None:
    _drop(element, "enable", "forwardPlainNames")


def _srv(element: Element) -> None:
    for name in ("port", "priority", "weight"):
        if element.get(name) == "0":
            del element.attrib[name]


def _portgroup(element: Element) -> None:
    if (element.get("default") or "").lower() != "yes":
        element.attrib.pop("default", None)


def _vlan(element: Element) -> None:
    if len(element) > 1:
        element.set("trunk", "yes")
    elif (element.get("trunk") or "").lower() == "no":
        del element.attrib["trunk"]


def _rate(element: Element) -> None:
    _drop(element, "average", "floor", average="0", peak="0", burst="0", floor="0")


def _virtualport(element: Element) -> None:
    _drop(element, "type")


def _parameters(element: Element) -> None:
    if element.get("profileid") == "":
        del element.attrib["profileid"]
    if not element.attrib:
        element.getparent().remove(element)


def _options(element: Element) -> None:
    if not len(element):
        element.getparent().remove(element)


def _route(element: Element) -> None:
    _rewrite(_address, "address")(element)
    if element.get("metric") == "0":
        del element.attrib["metric"]


_RULES: dict[Any, Callable[[Element], None]] = {
    "network": _network,
    "bridge": _bridge,
    "mac": _rewrite(_mac, "address"),
    "mtu": lambda element: _drop(element, "size", size="0"),
    "domain": lambda element: _drop(element, "name"),
    "forward": _forward,
    "interface": _interface,
    "nat": _nat,
    "address": _addresses,
    "port": _port,
    "ip": _ip,
    "tftp": _tftp,
    "dhcp": _dhcp,
    "range": _rewrite(_address, "start", "end"),
    "host": _rewrite(str.lower, "mac"),
    "lease": _lease,
    "dns": _dns,
    "srv": _srv,
    "portgroup": _portgroup,
    "vlan": _vlan,
    "tag": _rewrite(_number, "id"),
    "inbound": _rate,
    "outbound": _rate,
    "virtualport": _virtualport,
    "parameters": _parameters,
    "route": _route,
    "{http://libvirt.org/schemas/network/dnsmasq/1.0}options": _options,
}
