# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The decisions of C(virt_domain): from the options and what is there to what has to change. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Mapping, Sequence

from .._errors import HypervisorError
from .._plan import ABSENT, Facts, make_plan
from .._xml import properties
from .._xml.difference import Change, difference
from .._xml.document import Element
from .._xml.properties import LIVE, NEXT_BOOT, RECREATE
from . import desired, stated
from .live import rules
from .model import CRASHED, PAUSED, PRESENT, RESTART, RUNNING, SHUTDOWN, DomainFacts, DomainPlan
from .pending import differing
from .properties import CONCEALED, PROPERTIES, SECRETS, refuse_impossible

_ALIVE = (RUNNING, PAUSED)


def _definition(
    name: str, actual: DomainFacts, options: Mapping[str, Any], seed: desired.Seed
) -> tuple[Element, dict[str, Any], list[Change]]:
    """The document that shall be stored, the values that were asked for, and what it changes."""
    element = desired.base(name, actual, options)
    wanted = desired.wanted(name, actual, options, element, seed)
    if not actual.secure:
        wanted = {option: value for option, value in wanted.items() if option not in SECRETS}
    present = properties.read(PROPERTIES, element)
    properties.write(PROPERTIES, element, wanted)
    concealed = {} if actual.secure or present["graphics"] == "none" else dict.fromkeys(SECRETS, CONCEALED)
    refuse_impossible(name, {**options, **wanted}, {**properties.read(PROPERTIES, element), **concealed})
    if not options.get("xml"):
        return element, wanted, difference(PROPERTIES, present, wanted)
    if actual.document is None:
        return element, wanted, [Change("xml", None, name, NEXT_BOOT)]
    return element, wanted, stated.unmet(element, actual.document, actual.secure)


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


def _lacking(
    actual: DomainFacts, after: str, element: Element, wanted: Mapping[str, Any], options: Mapping[str, Any]
) -> list[Change]:
    """What the running guest has otherwise than was asked, each with the truth about how it takes effect."""
    asked = desired.everything(element, actual.live) if options.get("xml") else wanted
    changes = difference(PROPERTIES, properties.read(PROPERTIES, actual.live), asked)
    if not options["live"] or after not in _ALIVE:
        return [replace(change, applied=NEXT_BOOT) for change in changes]
    return rules.decided(changes, actual.live, runs=RUNNING in (actual.state, after))


def _merged(changes: Sequence[Change], lacking: Sequence[Change]) -> list[Change]:
    """The changes of the definition, told how they reach the guest, and those that the guest alone needs."""
    waits = {change.path: change.applied for change in lacking}
    found = [replace(change, applied=_effect(change, waits)) for change in changes]
    known = {change.path for change in changes}
    return found + [change for change in lacking if change.applied == LIVE and change.path not in known]


def _effect(change: Change, waits: Mapping[str, str]) -> str:
    """What the guest does not lack has taken effect already, whole documents aside, whose paths are others."""
    if change.applied == RECREATE or change.path.startswith("xml"):
        return change.applied
    return waits.get(change.path, LIVE if change.applied == LIVE else NEXT_BOOT)


def plan(name: str, actual: DomainFacts, options: Mapping[str, Any], seed: desired.Seed) -> DomainPlan:
    """What has to change for the domain to be as the options say; C(seed) is for new MAC addresses."""
    if options["state"] == ABSENT:
        return DomainPlan(actual, DomainFacts(), make_plan(actual, DomainFacts(), []).changes)
    desired.refuse_unknown(name, options)
    element, wanted, changes = _definition(name, actual, options, seed)
    _refuse_recreation(name, actual, changes)
    if actual.document is not None and not actual.persistent:
        changes = [*changes, Change("persistent", False, True, LIVE)]
    defines, state = bool(changes), _state(options, actual)
    live: list[Change] = []
    if actual.live is None:
        changes = [replace(change, applied=NEXT_BOOT) for change in changes]
    else:
        lacking = _lacking(actual, state, element, wanted, options)
        changes, live = _merged(changes, lacking), [change for change in lacking if change.applied == LIVE]
    autostart = actual.autostart if options.get("autostart") is None else options["autostart"]
    after = DomainFacts(state, autostart, element, actual.live)
    made = make_plan(actual, after, changes)
    after = replace(after, document=element if defines else actual.document)
    pending = [] if actual.live is None else differing(actual.live, after.document, done=live)
    if pending and options["restart"] == "if_needed" and state == RUNNING:
        return DomainPlan(actual, after, _by_restart(made.changes), defines, pending=pending, restarts=True)
    return DomainPlan(actual, after, made.changes, defines, live, pending)


def _by_restart(changes: Sequence[Change]) -> list[Change]:
    """What waits for the next boot has it now."""
    found = [replace(change, applied=RESTART) if change.applied == NEXT_BOOT else change for change in changes]
    return [*found, Change(RESTART, False, True, RESTART)]
