# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What the options of C(virt_domain) ask for: the document to store, and the values that they name. Pure."""

from __future__ import annotations

from typing import Any, Callable, Iterable, Mapping

from .._errors import HypervisorError
from .._names import stable_mac
from .._plan import Facts
from .._xml import document, properties
from .._xml.document import Element
from . import stated
from .devices import INTERFACES
from .properties import PROPERTIES

_NEW = """
<domain>
  <os><type>hvm</type></os>
  <features><acpi/><apic/></features>
  <clock offset="utc"/>
  <devices><serial type="pty"/><console type="pty"/></devices>
</domain>
"""

Seed = Callable[[], str]
"""What makes new MAC addresses this hypervisor's own; asking for it costs a call."""

_DEFAULTS = {"vcpus": 1, "graphics": "none"}


def refuse_unknown(name: str, options: Mapping[str, Any]) -> None:
    """Refuse what nobody can tell the meaning of, before anything is looked at."""
    for card in options.get("interfaces") or []:
        if card.get("state") == "absent" and not card.get("mac"):
            raise HypervisorError(
                f"Domain {name}: an interface that shall be absent is known by its mac only: give it.", "INVALID_OPTION"
            )


def base(name: str, actual: Facts, options: Mapping[str, Any]) -> Element:
    """The document that the options refine: the given one, the present one, or a new one."""
    if options.get("xml"):
        element = _given(name, actual, options["xml"])
    elif actual.document is not None:
        return document.copy(actual.document)
    else:
        missing = [each for each in ("type", "memory") if options.get(each) is None]
        if missing:
            raise HypervisorError(
                f"Domain {name} does not exist: give {' and '.join(missing)}, or xml, to define it.", "MISSING_OPTION"
            )
        element = document.parse(_NEW)
    document.put(element, "name", name)
    return element


def _given(name: str, actual: Facts, text: str) -> Element:
    element = document.parse(text, "domain")
    if document.get(element, "name") not in (None, name):
        raise HypervisorError(
            f"The document names domain {document.get(element, 'name')}, the option says {name}: make them equal.",
            "NAME_MISMATCH",
        )
    uuid = document.get(element, "uuid")
    if actual.document is not None:
        if uuid and uuid != document.get(actual.document, "uuid"):
            raise HypervisorError(
                f"Domain {name} has the UUID {document.get(actual.document, 'uuid')}, the document {uuid}:"
                " remove it from the document to change this domain.",
                "UUID_MISMATCH",
            )
        stated.carry_identity(element, actual.document)
    return element


def wanted(name: str, actual: Facts, options: Mapping[str, Any], element: Element, seed: Seed) -> dict[str, Any]:
    """The options that were given in normal form, with what follows from them. C(element) is what they refine."""
    asked = properties.normal(PROPERTIES, _with_macs(name, options, element, seed))
    new = actual.document is None and not options.get("xml")
    if new:
        asked = {**_DEFAULTS, **asked}
    if asked.get("vcpus") and "max_vcpus" not in asked:
        most = 0 if new else int(document.get(element, "vcpu") or 1)
        if most < asked["vcpus"]:
            asked["max_vcpus"] = asked["vcpus"]
    if options.get("remove_unlisted_devices"):
        for item in removable():
            if options.get(item.name) is not None:
                asked[item.name] = [*asked.get(item.name, []), *_unlisted(item, element, asked)]
    return asked


def removable() -> Iterable[properties.Items]:
    """The lists of devices from which one can be taken away."""
    return (item for item in PROPERTIES if isinstance(item, properties.Items) and item.removable)


def _unlisted(item: properties.Items, element: Element, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    listed = {item.key_of(each) for each in asked.get(item.name, [])}
    return [item.absent(each) for each in item.read(element) if item.key_of(each) not in listed]


def everything(element: Element, live: Element) -> dict[str, Any]:
    """A whole document as options: what it has is asked for, and what C(live) has beyond it is asked to go."""
    asked = {name: value for name, value in properties.read(PROPERTIES, element).items() if value is not None}
    for item in removable():
        asked[item.name] = [*asked.get(item.name, []), *_unlisted(item, live, asked)]
    return asked


def _with_macs(name: str, options: Mapping[str, Any], element: Element, seed: Seed) -> dict[str, Any]:
    """A card without a MAC address keeps the one that the card at its position has, or gets one that never changes."""
    present = [card["mac"] for card in INTERFACES.read(element)]

    def mac(position: int) -> str:
        return present[position] if position < len(present) else stable_mac(seed(), name, str(position))

    cards = options.get("interfaces")
    if cards is None:
        return dict(options)
    return {
        **options,
        "interfaces": [{**card, "mac": card.get("mac") or mac(position)} for position, card in enumerate(cards)],
    }
