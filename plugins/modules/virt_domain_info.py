#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: virt_domain_info
short_description: Read libvirt domains
description:
  - Returns the definition and the state of all libvirt domains, or of one.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - mini.hypervisor.libvirt
  - mini.hypervisor.attributes.info
options:
  name:
    description: The name of one domain. Where there is none of that name, the list is empty.
    type: str
  compare:
    description:
      - Whether each running domain is compared with its definition, which tells C(restart_required) and
        takes one more call to libvirt each.
      - Where this is not given, it is done where O(name) is.
    type: bool
seealso:
  - module: mini.hypervisor.virt_domain
"""

EXAMPLES = r"""
- name: Read all domains
  mini.hypervisor.virt_domain_info:
    compare: true
  register: guests

- name: Tell those that wait for a restart
  ansible.builtin.debug:
    msg: "{{ guests.domains | selectattr('restart_required') | map(attribute='name') }}"
"""

RETURN = r"""
domains:
  description:
    - The domains, by name. Each has the options of M(mini.hypervisor.virt_domain), null where its definition is silent,
      and each in one form, such as sizes in bytes and sets of processors as V(0-3,8). Passwords are not read.
    - Of a listed device only the members are there on which the definition is not silent.
  returned: success
  type: list
  elements: dict
  sample:
    - name: web
      uuid: 1b4e28ba-2fa1-41d2-883f-0016d3cca427
      state: running
      state_reason: ""
      autostart: false
      persistent: true
      restart_required: false
      type: kvm
      memory: 3040870400
      vcpus: 2
      metadata: {}
"""

from typing import Any, Mapping

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import CONNECTION, Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._domain import info
from ansible_collections.mini.hypervisor.plugins.module_utils._libvirt.connection import connected

SPEC = {**CONNECTION, "name": {"type": "str"}, "compare": {"type": "bool"}}


def read(request: Request) -> Mapping[str, Any]:
    """The module's work, on a read-only connection."""
    return connected(
        lambda connection: {"domains": info.everything(connection, request.params["name"], request.params["compare"])},
        request.params,
        readonly=True,
    )


def main() -> None:
    """Entry point."""
    run(SPEC, read)


if __name__ == "__main__":
    main()
