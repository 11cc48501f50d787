#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: virt_net_info
short_description: Read libvirt networks and their leases
description:
  - Returns the networks that libvirt knows, with their DHCP reservations and the leases that guests hold.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - mini.hypervisor.libvirt
  - mini.hypervisor.attributes.info
options:
  name:
    description: The name of one network. All networks are returned where this is not given.
    type: str
  details:
    description:
      - Whether to read also what takes further calls for each network, which is RV(networks[].autostart),
        RV(networks[].restart_required) and RV(networks[].leases). They are null otherwise.
      - They are read by default where O(name) is given.
    type: bool
seealso:
  - module: mini.hypervisor.virt_net
"""

EXAMPLES = r"""
- name: Read the network
  mini.hypervisor.virt_net_info:
    name: default
  register: found

- name: Tell which networks run
  mini.hypervisor.virt_net_info:
  register: networks

- name: Tell which networks wait for a restart
  mini.hypervisor.virt_net_info:
    details: true
  register: waiting

- name: Show who has which address
  ansible.builtin.debug:
    msg: "{{ found.networks[0].leases | items2dict(key_name='mac', value_name='ip') }}"
"""

RETURN = r"""
networks:
  description:
    - The networks, by name; empty where there is none.
    - They are what M(mini.hypervisor.virt_net) returns, with C(restart_required) and C(leases) added.
  returned: success
  type: list
  elements: dict
  contains:
    autostart:
      description: Whether libvirt starts the network when the hypervisor boots; null without O(details).
      returned: success
      type: bool
    restart_required:
      description: Whether the running network is not what its definition says; null without O(details).
      returned: success
      type: bool
    leases:
      description:
        - Who has which address. It is null without O(details), and where the driver or the kind of network cannot tell.
        - C(expiry) is in seconds since 1970, and 0 where the lease does not end.
      returned: success
      type: list
      elements: dict
  sample:
    - name: default
      uuid: 6c6dd57b-4d6b-4c3a-8d2b-0d4b1b1a7c3e
      state: active
      autostart: true
      persistent: true
      bridge: {name: virbr0, stp: true, delay: 0, zone: null}
      mac: "52:54:00:8a:2b:01"
      forward_mode: nat
      address: 192.168.122.1/24
      dhcp_ranges:
        - {start: 192.168.122.2, end: 192.168.122.254}
      dhcp_hosts:
        - {mac: "52:54:00:12:34:56", ip: 192.168.122.10, name: web}
      restart_required: false
      leases:
        - {mac: "52:54:00:12:34:56", ip: 192.168.122.10, hostname: web, expiry: 1795483600}
"""

from typing import Any, Mapping

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import CONNECTION, Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._libvirt.connection import connected
from ansible_collections.mini.hypervisor.plugins.module_utils._network import facts

SPEC = {
    **CONNECTION,
    "name": {"type": "str"},
    "details": {"type": "bool"},
}


def read(request: Request) -> Mapping[str, Any]:
    """The module's work on one read-only connection."""
    name, details = request.params["name"], request.params["details"]
    if details is None:
        details = name is not None
    return connected(
        lambda connection: {"networks": facts.everything(connection, name, details)},
        request.params,
        readonly=True,
    )


def main() -> None:
    """Entry point."""
    run(SPEC, read)


if __name__ == "__main__":
    main()
