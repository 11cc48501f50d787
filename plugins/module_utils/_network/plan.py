# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Networks, the pure half: desired options to plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Mapping, Sequence, cast

from .._errors import HypervisorError
from .._plan import ABSENT, Facts, Plan, make_plan
from .._xml import document, properties
from .._xml.difference import Change, difference
from .._xml.document import Element
from .._xml.properties import LIVE
from .hosts import updates
from .properties import (
    ADDRESS,
    HOSTS,
    OWN_BRIDGE,
    PROPERTIES,
    RESTART,
    ForwardMode,
    Mac,
    check_addressing,
    hosts,
    parse,
)
from .stated import same, unmet

ACTIVE, INACTIVE = "active", "inactive"
IF_NEEDED = "if_needed"

_PENDING = "restart_required"
_FORWARD = ForwardMode("forward_mode", "forward")
_NEEDS_OWN_BRIDGE = ("mac", "domain", "address", "dhcp_ranges", "dhcp_hosts")


@dataclass(frozen=True)
class NetworkFacts(Facts):
    """A network as it is or shall be; C(live) is the document of the running one, None where it does not run."""

    live: Any = None
    persistent: bool = True

    @property
    def restart_required(self) -> bool:
        """Whether the running network is not what its stored document says."""
        return self.live is not None and not same(self.document, self.live)


@dataclass(frozen=True)
class NetworkPlan(Plan):
    """The way from C(before) to C(after), and the reservations to see to on it."""

    before: NetworkFacts
    after: NetworkFacts
    hosts: Sequence[Mapping[str, Any]] = ()
    absent_hosts: Sequence[str] = ()

    @property
    def redefines(self) -> bool:
        """True where the stored document has to be written; reservations alone do not need that."""
        return self.before.document is None or any(
            change.path not in ("state", "autostart", _PENDING) and not change.path.startswith(HOSTS.name)
            for change in self.changes
        )

    @property
    def restarts(self) -> bool:
        return any(change.path == _PENDING for change in self.changes)

    @property
    def stops(self) -> bool:
        """True where a running network is taken away from its guests, for good or for a moment."""
        return self.before.state == ACTIVE and (self.after.state != ACTIVE or self.restarts)


def plan(name: str, actual: NetworkFacts, options: Mapping[str, Any], new_mac: str) -> NetworkPlan:
    """What has to change for the network to be as the options say. C(new_mac) is for one that has none yet."""
    if options["state"] == ABSENT:
        return NetworkPlan(actual, NetworkFacts(), make_plan(actual, NetworkFacts(), []).changes)
    stated = _stated(name, actual, options)
    wanted = _wanted(options, stated)
    absent = _absent_hosts(options, wanted)
    if actual.document is None:
        element = _new(name, stated, wanted, new_mac)
        changes = difference(PROPERTIES, {"dhcp_ranges": []}, properties.read(PROPERTIES, element))
    else:
        element, changes = _changed(actual.document, stated, wanted)
    changes += _remove_hosts(element, absent)
    if changes:
        _check_forwarding(name, actual.document, element, wanted)
        check_addressing(name, element)
    changes += _live_hosts(actual, wanted, absent, changes)
    after, changes = _states(actual, options, element, changes)
    made = make_plan(actual, after, changes)
    return NetworkPlan(actual, cast(NetworkFacts, made.after), made.changes, wanted.get(HOSTS.name, ()), absent)


def _stated(name: str, actual: NetworkFacts, options: Mapping[str, Any]) -> Element | None:
    """The document of the C(xml) option, None where there is none."""
    if options.get("xml") is None:
        return None
    element = parse(options["xml"])
    if (document.get(element, "name") or name) != name:
        raise HypervisorError(
            f"Network {name}: xml is the document of network {document.get(element, 'name')}: make the names equal.",
            "NAME_MISMATCH",
        )
    document.put(element, "name", name)
    uuid = document.get(element, "uuid")
    if uuid and actual.document is not None and uuid.lower() != document.get(actual.document, "uuid"):
        raise HypervisorError(
            f"Network {name} has UUID {document.get(actual.document, 'uuid')}, and xml says {uuid}: leave the UUID out"
            " of xml, or remove the network first.",
            "UUID_MISMATCH",
        )
    return element


def _wanted(options: Mapping[str, Any], stated: Element | None) -> dict[str, Any]:
    """The options in normal form; reservations of C(xml) are as good as listed ones."""
    wanted = properties.normal(PROPERTIES, options)
    if stated is not None and hosts(stated):
        listed = {host["mac"]: host for host in wanted.get(HOSTS.name, ())}
        wanted[HOSTS.name] = list({**hosts(stated), **listed}.values())
    return wanted


def _absent_hosts(options: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    option = Mac("dhcp_hosts_absent", "")
    absent = sorted({option.normal(mac) for mac in options.get("dhcp_hosts_absent") or ()})
    for host in wanted.get(HOSTS.name, ()):
        if host["mac"] in absent:
            raise HypervisorError(
                f"{host['mac']} is both in dhcp_hosts (or xml) and in dhcp_hosts_absent: decide.", "INVALID_OPTION"
            )
    return absent


def _new(name: str, stated: Element | None, wanted: dict[str, Any], new_mac: str) -> Element:
    if stated is None:
        stated = parse(f"<network><name>{name}</name></network>")
        wanted.setdefault("forward_mode", "nat")
    properties.write(PROPERTIES, stated, wanted)
    if _FORWARD.read(stated) in OWN_BRIDGE and document.get(stated, "mac/@address") is None:
        document.put(stated, "mac/@address", new_mac)
    return stated


def _changed(actual: Element, stated: Element | None, wanted: Mapping[str, Any]) -> tuple[Element, list[Change]]:
    """The document to store, and what it changes: the present one edited, or the stated one completed."""
    changes = difference(PROPERTIES, properties.read(PROPERTIES, actual), wanted)
    edited = document.copy(actual)
    properties.write(PROPERTIES, edited, wanted)
    if stated is None:
        return edited, changes
    properties.write(PROPERTIES, stated, wanted)
    missing = unmet(stated, edited)
    return (_carry(edited, stated) if missing else edited), changes + missing


def _carry(present: Element, stated: Element) -> Element:
    """The stated document with the identity and the reservations of the present one."""
    own_bridge = _FORWARD.read(stated) in OWN_BRIDGE
    for path in ("uuid", *(("mac/@address", "bridge/@name") if own_bridge else ())):
        value = document.get(present, path)
        if value is not None and document.get(stated, path) is None:
            document.put(stated, path, value)
    if ADDRESS.read(stated) is not None:
        HOSTS.write(stated, list(hosts(present).values()))
    return stated


def _remove_hosts(element: Element, absent: Sequence[str]) -> list[Change]:
    present = hosts(element)
    gone = [Change(f"{HOSTS.name}[{mac}]", present[mac], None, LIVE) for mac in absent if mac in present]
    for mac in absent:
        document.remove(element, f"{HOSTS.path}[@mac='{mac}']")
    return gone


def _live_hosts(
    actual: NetworkFacts, wanted: Mapping[str, Any], absent: Sequence[str], changes: Sequence[Change]
) -> list[Change]:
    """Reservations that only the running network lacks, as a killed run may leave them."""
    if actual.live is None:
        return []
    listed = {host["mac"]: host for host in wanted.get(HOSTS.name, ())}
    running, found = hosts(actual.live), []
    lacking = updates(actual.document, actual.live, list(listed.values()), absent)
    for mac in sorted({dict(update.host)["mac"] for update in lacking}):
        path = f"{HOSTS.name}[{mac}]"
        if not any(change.path.startswith(path) for change in changes):
            found.append(Change(path, running.get(mac), listed.get(mac), LIVE))
    return found


def _check_forwarding(name: str, before: Element | None, element: Element, wanted: Mapping[str, Any]) -> None:
    """Refuse what libvirt would refuse at define, so that check mode tells it too."""
    mode = _FORWARD.read(element)
    if before is not None and (_FORWARD.read(before) in OWN_BRIDGE) != (mode in OWN_BRIDGE):
        raise HypervisorError(
            f"Network {name} has forward_mode {_FORWARD.read(before)}, and it cannot be changed to {mode}: remove the"
            " network and define it anew, or choose another name.",
            "RECREATE_REQUIRED",
        )
    if mode in ("nat", "route") and document.find(element, "ip") is None:
        raise HypervisorError(
            f"Network {name}: forward_mode {mode} needs an address for the bridge: give address.", "MISSING_OPTION"
        )
    if mode not in OWN_BRIDGE:
        refused = [option for option in _NEEDS_OWN_BRIDGE if wanted.get(option)]
        if refused:
            raise HypervisorError(
                f"Network {name}: forward_mode {mode} uses a bridge of the host, so libvirt serves nothing there:"
                f" leave out {', '.join(refused)}.",
                "INVALID_OPTION",
            )
    if (
        mode == "bridge"
        and not document.get(element, "bridge/@name")
        and document.find(element, "forward/interface") is None
    ):
        raise HypervisorError(
            f"Network {name}: forward_mode bridge needs the name of a bridge of the host: give bridge.name.",
            "MISSING_OPTION",
        )


def _states(
    actual: NetworkFacts, options: Mapping[str, Any], element: Element, changes: Sequence[Change]
) -> tuple[NetworkFacts, list[Change]]:
    """What becomes of the running network; adds the changes of that."""
    state, autostart, found = options["state"], options.get("autostart"), list(changes)
    if state == "present":
        state = INACTIVE if actual.state == ABSENT else actual.state
    if actual.document is not None and not actual.persistent:
        found.append(Change("persistent", False, True, LIVE))
    if actual.state != ACTIVE:
        found = [replace(change, applied=LIVE) for change in found]
    live = element if state == ACTIVE else None
    if actual.state == state == ACTIVE:
        if options["restart"] == IF_NEEDED and not same(element, actual.live):
            found.append(Change(_PENDING, True, False, RESTART))
        else:
            live = actual.live
    autostart = bool(actual.autostart) if autostart is None else autostart
    return NetworkFacts(state, autostart, element, live, True), found
