#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: virt_net
short_description: Converge a libvirt network
description:
  - Defines, starts, stops and removes a libvirt network, and changes it in place.
  - Options that are not given are left as they are. The UUID and the MAC address of the bridge always stay.
  - DHCP reservations reach a running network at once. All other changes wait until it is restarted, because a restart
    would cut off the guests that are on it; RV(restart_required) tells.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - mini.hypervisor.libvirt
  - mini.hypervisor.attributes
options:
  name:
    description: The name of the network.
    type: str
    required: true
  state:
    description:
      - V(active) defines the network where it is missing, and starts it.
      - V(inactive) defines it where it is missing, and stops it.
      - V(present) defines it where it is missing, and neither starts nor stops it.
      - V(absent) stops it and removes its definition.
    type: str
    choices: [active, inactive, present, absent]
    default: active
  autostart:
    description: Whether libvirt starts the network when the hypervisor boots.
    type: bool
  bridge:
    description: The bridge of the network. libvirt chooses a free name for a new network where none is given.
    type: dict
    suboptions:
      name:
        description:
          - The name of the bridge, such as V(virbr0).
          - With O(forward_mode=bridge) it is a bridge of the hypervisor that exists already.
        type: str
      stp:
        description: Whether the bridge runs the spanning tree protocol, which holds back a new guest for 2 s at least.
        type: bool
      delay:
        description: The forward delay of the bridge in seconds.
        type: int
  mac:
    description:
      - The MAC address of the bridge.
      - A new network without it gets one that is computed from the names of the hypervisor and of the network.
    type: str
  domain:
    description: The DNS domain of the network.
    type: str
  forward_mode:
    description:
      - How guests reach the world. V(isolated) is not at all, V(open) adds no firewall rules, and V(bridge) puts guests
        directly on a bridge of the hypervisor.
      - A new network is V(nat) where neither this nor O(xml) is given.
    type: str
    choices: [nat, route, open, isolated, bridge]
  address:
    description:
      - The IPv4 address of the bridge and the length of its prefix, such as V(192.168.122.1/24).
      - A subnet that overlaps one of another network, or an address or route of the hypervisor, is refused
        (code V(SUBNET_IN_USE)).
    type: str
  dhcp_ranges:
    description: The ranges of dynamic addresses. The list is complete, an empty one removes all.
    type: list
    elements: dict
    suboptions:
      start:
        description: The first address.
        type: str
        required: true
      end:
        description: The last address.
        type: str
        required: true
  dhcp_hosts:
    description:
      - DHCP reservations, each known by its MAC address. Those that are not listed are left alone.
      - The plays of several guests may each add theirs at the same time.
    type: list
    elements: dict
    suboptions:
      mac:
        description: The MAC address of the guest's network card.
        type: str
        required: true
      ip:
        description: The IPv4 address that it gets.
        type: str
        required: true
      name:
        description: The host name that the network's DNS gives to the address.
        type: str
  dhcp_hosts_absent:
    description: The MAC addresses whose reservations are removed.
    type: list
    elements: str
  xml:
    description:
      - A whole C(<network>) document, for what has no option. The other options refine it.
      - All that it states has to hold. Where something does not, the network is redefined from it, and keeps its UUID,
        the MAC address and the name of its bridge, and its reservations. What it does not state is no reason to change.
    type: str
  restart:
    description:
      - V(never) leaves a running network as it is until somebody restarts it.
      - V(if_needed) restarts it where it is not what its definition says.
    type: str
    choices: [never, if_needed]
    default: never
  force:
    description:
      - Whether a network that running guests use may be stopped, restarted or removed.
      - Such guests stay cut off, even when the network comes back, until they are restarted themselves.
    type: bool
    default: false
seealso:
  - module: mini.hypervisor.virt_net_info
"""

EXAMPLES = r"""
- name: Have libvirt's usual network
  mini.hypervisor.virt_net:
    name: default
    bridge:
      name: virbr0
    address: 192.168.122.1/24
    dhcp_ranges:
      - start: 192.168.122.2
        end: 192.168.122.254
    autostart: true

- name: Give a guest its address, while others run
  mini.hypervisor.virt_net:
    name: default
    dhcp_hosts:
      - mac: "52:54:00:12:34:56"
        ip: 192.168.122.10
        name: web

- name: Define what has no option
  mini.hypervisor.virt_net:
    name: lab6
    xml: |
      <network>
        <forward mode="open"/>
        <mtu size="9000"/>
        <ip family="ipv6" address="fd00:6::1" prefix="64"/>
      </network>

- name: Remove a network, also below running guests
  mini.hypervisor.virt_net:
    name: lab6
    state: absent
    force: true
"""

RETURN = r"""
network:
  description: The network after the run, empty where it is absent. In check mode it is the predicted one.
  returned: success
  type: dict
  sample:
    name: default
    uuid: 6c6dd57b-4d6b-4c3a-8d2b-0d4b1b1a7c3e
    state: active
    autostart: true
    persistent: true
    bridge: {name: virbr0, stp: true, delay: 0}
    mac: "52:54:00:8a:2b:01"
    domain: null
    forward_mode: nat
    address: 192.168.122.1/24
    dhcp_ranges:
      - {start: 192.168.122.2, end: 192.168.122.254}
    dhcp_hosts:
      - {mac: "52:54:00:12:34:56", ip: 192.168.122.10, name: web}
restart_required:
  description: Whether the running network is not what its definition says, until it is restarted.
  returned: success
  type: bool
  sample: false
changes:
  description: Each value that changed, or would change.
  returned: success
  type: list
  elements: dict
  sample:
    - {path: bridge.stp, before: true, after: false, applied: restart}
"""

from typing import Any, Mapping

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import CONNECTION, Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._libvirt.connection import connected
from ansible_collections.mini.hypervisor.plugins.module_utils._network import network
from ansible_collections.mini.hypervisor.plugins.module_utils._network.properties import PROPERTIES
from ansible_collections.mini.hypervisor.plugins.module_utils._xml.properties import argument_spec

SPEC = {
    **CONNECTION,
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["active", "inactive", "present", "absent"], "default": "active"},
    "autostart": {"type": "bool"},
    "xml": {"type": "str"},
    "dhcp_hosts_absent": {"type": "list", "elements": "str"},
    "restart": {"type": "str", "choices": ["never", "if_needed"], "default": "never"},
    "force": {"type": "bool", "default": False},
    **argument_spec(PROPERTIES),
}


def converge(request: Request) -> Mapping[str, Any]:
    """The module's work, on a connection that is read-only in check mode."""
    return connected(
        lambda connection: network.converge(connection, request.params, request.check_mode, request.run_command),
        request.params,
        readonly=request.check_mode,
    )


def main() -> None:
    """Entry point."""
    run(SPEC, converge)


if __name__ == "__main__":
    main()
