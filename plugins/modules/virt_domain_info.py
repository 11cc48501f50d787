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
  statistics:
    description:
      - Whether to return what libvirt counts for the domain O(name) while it runs, which takes two more calls to it.
    type: bool
    default: false
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

- name: Read how long the processors of a guest ran, and waited for one of the hypervisor's
  mini.hypervisor.virt_domain_info:
    name: web
    statistics: true
  register: web
"""

RETURN = r"""
domains:
  description:
    - The domains, by name. Each has the options of M(mini.hypervisor.virt_domain), null where its definition is silent,
      and each in one form, such as sizes in bytes and sets of processors as V(0-3,8). Passwords are not read.
    - Of a listed device only the members are there on which the definition is not silent.
    - With O(statistics) there is also C(statistics), empty unless the domain runs, with libvirt's names for what it
      counts, and C(taken), when that was, in seconds since 1970. C(vcpus), C(blocks) and C(interfaces) list each by its
      C(number); times are nanoseconds, memory is KiB. Of a virtual CPU C(time) is what it ran, C(delay) what it waited
      for a processor of the hypervisor, and C(processor) the one it ran on last.
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

SPEC = {
    **CONNECTION,
    "name": {"type": "str"},
    "compare": {"type": "bool"},
    "statistics": {"type": "bool", "default": False},
}


def read(request: Request) -> Mapping[str, Any]:
    """The module's work, on a read-only connection."""
    name, compare, statistics = (request.params[option] for option in ("name", "compare", "statistics"))

    def domains(connection: Any) -> Mapping[str, Any]:
        if name is None:
            return {"domains": info.everything(connection, bool(compare))}
        return {"domains": info.one(connection, name, compare is not False, statistics)}

    return connected(domains, request.params, readonly=True)


def main() -> None:
    """Entry point."""
    run(SPEC, read, required_if=[("statistics", True, ["name"])])


if __name__ == "__main__":
    main()
