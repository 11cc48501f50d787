# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Refusals of what a forward mode does not go with, so that check mode tells what libvirt would. Pure."""

from __future__ import annotations

from typing import Any, Mapping

from .._errors import HypervisorError
from .._xml import document
from .._xml.document import Element
from .properties import FORWARD, FORWARD_DEVICES
from .values import OWN_BRIDGE

_NEEDS_OWN_BRIDGE = (
    "mac",
    "mtu",
    "domain",
    "domain_local_only",
    "address",
    "dhcp_ranges",
    "dhcp_hosts",
    "address6",
    "dhcp6_ranges",
    "dhcp6_hosts",
    "ipv6",
    "tftp_root",
    "bootp",
    "dns",
    "routes",
)
_MACVTAP = ("private", "vepa", "passthrough")


def check_forwarding(name: str, before: Element | None, element: Element, wanted: Mapping[str, Any]) -> None:
    """Check the options against the mode that the network C(element) has; C(before) is what it was by options alone."""
    mode = FORWARD.read(element)
    if before is not None and (FORWARD.read(before) in OWN_BRIDGE) != (mode in OWN_BRIDGE):
        raise HypervisorError(
            f"Network {name} has forward_mode {FORWARD.read(before)}, and it cannot be changed to {mode}: remove the"
            " network and define it anew, or choose another name.",
            "RECREATE_REQUIRED",
        )
    if mode in ("nat", "route", "open") and document.find(element, "ip") is None:
        raise HypervisorError(
            f"Network {name}: forward_mode {mode} needs an address for the bridge: give address.", "MISSING_OPTION"
        )
    refused = [option for option in _refused(mode) if wanted.get(option)]
    if refused:
        raise HypervisorError(
            f"Network {name}: forward_mode {mode} does not go with {', '.join(refused)}: leave it out, or choose"
            " another mode.",
            "INVALID_OPTION",
        )
    if wanted.get("domain_local_only") and not document.get(element, "domain/@name"):
        raise HypervisorError(f"Network {name}: domain_local_only needs domain.", "MISSING_OPTION")
    if {"forward_mode", "forward_devices", "bridge"} & set(wanted):
        _check_devices(name, mode, element)
    if wanted.get("vlan") and not _carries_vlan(mode, element):
        raise HypervisorError(
            f"Network {name}: libvirt tags only with forward_mode bridge and virtualport_type openvswitch, or with"
            " passthrough: leave vlan out.",
            "INVALID_OPTION",
        )


def _refused(mode: str) -> list[str]:
    refused = [] if mode in OWN_BRIDGE else list(_NEEDS_OWN_BRIDGE)
    if mode != "nat":
        refused.append("nat")
    if mode in ("open", "isolated"):
        refused.append("forward_devices")
    if mode in _MACVTAP:
        refused.append("bridge")
    return refused


def _check_devices(name: str, mode: str, element: Element) -> None:
    devices, bridge = FORWARD_DEVICES.read(element), document.get(element, "bridge/@name")
    if mode in ("nat", "route") and len(devices) > 1:
        raise HypervisorError(
            f"Network {name}: forward_mode {mode} takes one device, and forward_devices lists {', '.join(devices)}:"
            " give the one that leads to the world.",
            "INVALID_OPTION",
        )
    if mode in _MACVTAP and not devices:
        raise HypervisorError(
            f"Network {name}: forward_mode {mode} needs devices of the hypervisor: give forward_devices.",
            "MISSING_OPTION",
        )
    if mode == "bridge" and bool(devices) == bool(bridge):
        raise HypervisorError(
            f"Network {name}: forward_mode bridge needs the name of a bridge of the host, or the devices that guests"
            " are put on: give bridge.name or forward_devices, not both.",
            "INVALID_OPTION" if bridge else "MISSING_OPTION",
        )


def _carries_vlan(mode: str, element: Element) -> bool:
    openvswitch = document.get(element, "virtualport/@type") == "openvswitch"
    return mode == "passthrough" or (mode == "bridge" and openvswitch)
