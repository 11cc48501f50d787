# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Networks, the pure half: desired options to plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Callable, Mapping, Sequence, cast

from .._errors import HypervisorError
from .._plan import ABSENT, Facts, Plan, make_plan
from .._xml import document, properties
from .._xml.difference import Change, difference
from .._xml.document import Element
from .._xml.properties import LIVE
from .._xml.stated import canonical
from . import stated
from .addressing import check_addressing
from .forwarding import check_forwarding
from .normal import normal_live
from .properties import FORWARD, HOSTS, HOSTS6, PROPERTIES, RESTART, parse
from .sections import SECTIONS, brought, patched
from .updates import Update, updates
from .values import OWN_BRIDGE

ACTIVE, INACTIVE = "active", "inactive"
IF_NEEDED = "if_needed"

_PENDING = "restart_required"
_ABSENT_OPTIONS = {"dhcp_hosts_absent": HOSTS, "dhcp6_hosts_absent": HOSTS6}


@dataclass(frozen=True)
class NetworkFacts(Facts):
    """A network as it is or shall be; C(live) is the document of the running one, None where it does not run."""

    live: Any = None
    persistent: bool = True

    @property
    def restart_required(self) -> bool:
        """Whether the running network is not what its stored document says."""
        return self.live is not None and canonical(normal_live(self.document)) != canonical(normal_live(self.live))


@dataclass(frozen=True)
class NetworkPlan(Plan):
    """The way from C(before) to C(after)."""

    before: NetworkFacts
    after: NetworkFacts
    updates: Sequence[Update] = ()
    defines: bool = False
    """Whether the stored document has to be written as a whole; the updates then are of the running network alone."""

    @property
    def restarts(self) -> bool:
        return any(change.path == _PENDING for change in self.changes)

    @property
    def stops(self) -> bool:
        """True where a running network is taken away from its guests, for good or for a moment."""
        return self.before.state == ACTIVE and (self.after.state != ACTIVE or self.restarts)

    @property
    def starts(self) -> bool:
        return self.after.state == ACTIVE and (self.before.state != ACTIVE or self.restarts)

    @property
    def interrupts(self) -> bool:
        """Whether guests may be on the network whom a stop cuts off, or whom an earlier one has cut off."""
        return self.stops or (self.starts and self.before.document is not None)


def plan(name: str, actual: NetworkFacts, options: Mapping[str, Any], new_mac: Callable[[], str]) -> NetworkPlan:
    """What has to change for the network to be as the options say. C(new_mac) is asked for one that has none yet."""
    if options["state"] == ABSENT:
        return NetworkPlan(actual, NetworkFacts(), make_plan(actual, NetworkFacts(), []).changes)
    document_given = None if options.get("xml") is None else stated.read(name, options["xml"], actual.document)
    wanted = _wanted(options, document_given)
    if actual.document is None:
        element = _new(name, document_given, wanted, new_mac)
        changes = difference(PROPERTIES, {}, properties.read(PROPERTIES, element))
    else:
        element, changes = _changed(actual.document, document_given, wanted)
    if changes:
        by_options = actual.document if document_given is None else None
        check_forwarding(name, by_options, element, wanted)
        check_addressing(name, element, wanted)
    defines = _defines(actual, element, changes)
    live, changes = _running(actual, options, element, wanted, changes)
    after, changes = _states(actual, options, element, live, changes)
    made = make_plan(actual, after, changes)
    todo = NetworkPlan(actual, cast(NetworkFacts, made.after), made.changes, (), defines)
    return replace(todo, updates=_updates(todo, live)) if todo.changes else replace(todo, defines=False)


def _wanted(options: Mapping[str, Any], document_given: Element | None) -> dict[str, Any]:
    """The options in normal form; what shall be absent is listed with what shall be present."""
    # A group of which no member is given asks for nothing.
    wanted = {option: value for option, value in properties.normal(PROPERTIES, options).items() if value != {}}
    for option, item in _ABSENT_OPTIONS.items():
        key = item.properties[0]
        absent = sorted({key.normal(value) for value in options.get(option) or ()})
        listed = [host[key.name] for host in wanted.get(item.name, ())]
        if document_given is not None:
            listed += [host[key.name] for host in item.read(document_given)]
        for value in absent:
            if value in listed:
                raise HypervisorError(
                    f"{value} is both in {item.name} (or xml) and in {option}: decide.", "INVALID_OPTION"
                )
        if absent:
            wanted[item.name] = [*wanted.get(item.name, ()), *(item.absent({key.name: value}) for value in absent)]
    return wanted


def _new(name: str, document_given: Element | None, wanted: dict[str, Any], new_mac: Callable[[], str]) -> Element:
    element = document_given
    if element is None:
        element = parse(f"<network><name>{name}</name></network>")
        wanted.setdefault("forward_mode", "nat")
    properties.write(PROPERTIES, element, wanted)
    if FORWARD.read(element) in OWN_BRIDGE and document.get(element, "mac/@address") is None:
        document.put(element, "mac/@address", new_mac())
    return element


def _changed(
    actual: Element, document_given: Element | None, wanted: Mapping[str, Any]
) -> tuple[Element, list[Change]]:
    """The document to store, and what it changes: the present one edited, or the given one completed."""
    changes = difference(PROPERTIES, properties.read(PROPERTIES, actual), wanted)
    edited = document.copy(actual)
    properties.write(PROPERTIES, edited, wanted)
    if document_given is None:
        return edited, changes
    stated.carry(document_given, actual)
    properties.write(PROPERTIES, document_given, wanted)
    return document_given, changes + stated.differences(document_given, edited)


def _defines(actual: NetworkFacts, element: Element, changes: Sequence[Change]) -> bool:
    if actual.document is None or not actual.persistent:
        return True
    return bool(changes) and not stated.same(patched(actual.document, element), element)


def _running(
    actual: NetworkFacts,
    options: Mapping[str, Any],
    element: Element,
    wanted: Mapping[str, Any],
    changes: Sequence[Change],
) -> tuple[Element | None, list[Change]]:
    """What updates make of the running network, and the changes with how each is applied."""
    if actual.live is None:
        return None, [replace(change, applied=LIVE) for change in changes]
    complete = options.get("xml") is not None or options["restart"] == IF_NEEDED
    live = brought(actual.live, element, wanted, complete)
    done = not NetworkFacts(ACTIVE, None, element, live).restart_required
    stuck = [section for section in SECTIONS if not section.fits(element, actual.live)]
    found = []
    for change in changes:
        covering = [section for section in SECTIONS if section.covers(change.path)]
        lives = done or any(section not in stuck for section in covering)
        found.append(replace(change, applied=LIVE if lives else RESTART))
    # What only the running network lacks, as a killed run may leave it.
    lacking = {update.step.section.option for update in updates(None, (actual.live, live))}
    for section in SECTIONS:
        if section.option in lacking and not any(section.covers(change.path) for change in found):
            found.append(Change(section.option, section.read(actual.live), section.read(live), LIVE))
    return live, found


def _states(
    actual: NetworkFacts,
    options: Mapping[str, Any],
    element: Element,
    live: Element | None,
    changes: Sequence[Change],
) -> tuple[NetworkFacts, list[Change]]:
    """What becomes of the network; adds the changes of that."""
    state, autostart, found = options["state"], options.get("autostart"), list(changes)
    if state == "present":
        state = INACTIVE if actual.state == ABSENT else actual.state
    if actual.document is not None and not actual.persistent:
        found.append(Change("persistent", False, True, LIVE))
    autostart = bool(actual.autostart) if autostart is None else autostart
    after = NetworkFacts(state, autostart, element, element if state == ACTIVE else None, True)
    if actual.state == state == ACTIVE:
        kept = replace(after, live=live)
        if options["restart"] != IF_NEEDED or not kept.restart_required:
            return kept, found
        found.append(Change(_PENDING, True, False, RESTART))
    return after, found


def _updates(todo: NetworkPlan, live: Element | None) -> list[Update]:
    """The updates of what is not written as a whole, and not stopped anyway."""
    before, after = todo.before, todo.after
    config = None if todo.defines else (before.document, after.document)
    running = None if before.live is None or todo.stops else (before.live, live)
    return updates(config, running)
