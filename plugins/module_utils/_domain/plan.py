# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The decisions of C(virt_domain): from the options and what is there to what has to change. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Mapping, Sequence

from .._errors import HypervisorError
from .._names import stable_mac
from .._plan import ABSENT, Facts, Plan, make_plan
from .._xml import document, properties
from .._xml.difference import Change, difference
from .._xml.document import Element
from .._xml.properties import LIVE, NEXT_BOOT, RECREATE
from . import stated
from .devices import INTERFACES
from .properties import CONCEALED, PROPERTIES

RUNNING, PAUSED, SHUTDOWN, PRESENT = "running", "paused", "shutdown", "present"
CRASHED, SUSPENDED, NO_STATE = "crashed", "pmsuspended", "nostate"

_NEW = """
<domain>
  <os><type>hvm</type></os>
  <features><acpi/><apic/></features>
  <clock offset="utc"/>
  <devices><serial type="pty"/><console type="pty"/></devices>
</domain>
"""

_DEFAULTS = {"vcpus": 1, "graphics": "none"}


@dataclass(frozen=True)
class DomainFacts(Facts):
    """A domain as it is or shall be; C(live) is the document of the running one, C(reason) why it is in its state."""

    live: Any = None
    reason: str = ""
    persistent: bool = True
    secure: bool = True
    """Whether the document has the passwords."""

    def text(self) -> str:
        """The text of a diff, without passwords."""
        if self.document is None:
            return super().text()
        clone = document.copy(self.document)
        for each in clone.iter():
            if "passwd" in each.attrib:
                each.set("passwd", CONCEALED)
        return Facts(self.state, self.autostart, clone).text()


@dataclass(frozen=True)
class DomainPlan(Plan):
    """The way to the domain that was asked for."""

    before: DomainFacts
    after: DomainFacts
    pending: Sequence[Change] = field(default_factory=list)
    """What the running domain has otherwise than its definition, after the plan but for a restart."""
    restarts: bool = False

    @property
    def restart_required(self) -> bool:
        """Whether the running domain differs from its definition when the plan is carried out."""
        return bool(self.pending) and not self.restarts and self.after.state in (RUNNING, PAUSED)


def _refuse_impossible(name: str, options: Mapping[str, Any]) -> None:
    for disk in options.get("disks") or []:
        if "," in disk["target"] or "/" in disk["target"]:
            raise HypervisorError(
                f"Domain {name}: {disk['target']!r} is not a disk's target, such as vda.", "INVALID_OPTION"
            )
    for card in options.get("interfaces") or []:
        if card.get("network") and card.get("bridge"):
            raise HypervisorError(
                f"Domain {name}: an interface is plugged into a network or into a bridge, not both.", "INVALID_OPTION"
            )
    if options.get("vcpus") is not None and options["vcpus"] < 1:
        raise HypervisorError(f"Domain {name} needs at least 1 vCPU.", "INVALID_OPTION")
    if options.get("initrd") and options.get("kernel") == "":
        raise HypervisorError(f"Domain {name}: an initrd needs a kernel.", "INVALID_OPTION")


def _base(name: str, actual: Facts, options: Mapping[str, Any]) -> Element:
    """The document that the options refine: the given one, the present one, or a new one."""
    if options.get("xml"):
        element = document.parse(options["xml"], "domain")
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


def _with_macs(name: str, options: Mapping[str, Any], element: Element, seed: str) -> dict[str, Any]:
    """A card without a MAC address keeps the one that the card at its position has, or gets one that never changes."""
    present = [card["mac"] for card in INTERFACES.read(element)]

    def mac(position: int) -> str:
        return present[position] if position < len(present) else stable_mac(seed, name, str(position))

    cards = options.get("interfaces") or []
    given = [{**card, "mac": card.get("mac") or mac(position)} for position, card in enumerate(cards)]
    return {**options, "interfaces": given or None}


def _changes(name: str, actual: DomainFacts, options: Mapping[str, Any], seed: str) -> tuple[Element, list[Change]]:
    """The document that shall be stored, and in what it differs from the present one."""
    element = _base(name, actual, options)
    wanted = properties.normal(PROPERTIES, _with_macs(name, options, element, seed))
    if actual.document is None and not options.get("xml"):
        wanted = {**_DEFAULTS, **wanted}
    if options.get("xml"):
        properties.write(PROPERTIES, element, wanted)
        if actual.document is None:
            return element, [Change("xml", None, name, NEXT_BOOT)]
        return element, stated.unmet(element, actual.document, actual.secure)
    changes = difference(PROPERTIES, properties.read(PROPERTIES, element), wanted)
    properties.write(PROPERTIES, element, wanted)
    return element, changes


def differing(live: Element, stored: Element) -> list[Change]:
    """In what the running domain differs from its definition, as far as a restart would change it."""
    before, after = properties.read(PROPERTIES, live), properties.read(PROPERTIES, stored)
    # The balloon moves by itself, host CPUs are spelt out while running, and LIVE values need no restart.
    for values in (before, after):
        values["current_memory"] = None
        values["cpu"] = {**values["cpu"], "mode": None, "model": None} if values["cpu"] else None
    found = [change for change in difference(PROPERTIES, before, after) if change.applied != LIVE]
    kept = {name: {item.key_of(each) for each in after[item.name]} for name, item in _lists()}
    for name, item in _lists():
        for each in before[name]:
            if item.key_of(each) not in kept[name]:
                found.append(Change(f"{name}[{item.describe(item.key_of(each))}]", each, None, NEXT_BOOT))
    return found


def _lists() -> list[tuple[str, Any]]:
    return [(item.name, item) for item in PROPERTIES if isinstance(item, properties.Items)]


def _refuse_recreation(name: str, actual: Facts, changes: Sequence[Change]) -> None:
    for change in changes:
        if change.applied == RECREATE and actual.document is not None:
            raise HypervisorError(
                f"Domain {name} has {change.path} {change.before}, which cannot become {change.after}:"
                " remove the domain (state: absent keeps its disks) and define it anew.",
                "RECREATE_REQUIRED",
                path=change.path,
            )


def _state(options: Mapping[str, Any], actual: Facts) -> str:
    state = str(options["state"])
    if state == PRESENT:
        return SHUTDOWN if actual.state == ABSENT else actual.state
    # A guest that crashed is as shut off as one that was shut down.
    return actual.state if state == SHUTDOWN and actual.state == CRASHED else state


def plan(name: str, actual: DomainFacts, options: Mapping[str, Any], seed: str) -> DomainPlan:
    """What has to change for the domain to be as the options say; C(seed) makes new MAC addresses this host's own."""
    if options["state"] == ABSENT:
        return DomainPlan(actual, DomainFacts(), make_plan(actual, DomainFacts(), []).changes)
    _refuse_impossible(name, options)
    element, changes = _changes(name, actual, options, seed)
    _refuse_recreation(name, actual, changes)
    if actual.document is not None and not actual.persistent:
        changes = [*changes, Change("persistent", False, True, LIVE)]
    autostart = options.get("autostart")
    after = DomainFacts(
        _state(options, actual), actual.autostart if autostart is None else autostart, element, actual.live
    )
    made = make_plan(actual, after, changes)
    after = replace(after, document=made.after.document)
    pending: list[Change] = []
    if actual.live is not None:
        pending = differing(actual.live, after.document) or [each for each in changes if each.path.startswith("xml/")]
    restarts = bool(pending) and options["restart"] == "if_needed" and after.state == RUNNING
    found = [*made.changes, *([Change("restart", False, True, "restart")] if restarts else [])]
    return DomainPlan(actual, after, found, pending, restarts)
