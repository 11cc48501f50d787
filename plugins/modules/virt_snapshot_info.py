#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: virt_snapshot_info
short_description: Read the snapshots of libvirt domains
description:
  - Returns the snapshots of all domains, or of one, and the files that the disks of those domains consist of.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - mini.hypervisor.libvirt
  - mini.hypervisor.attributes.info
options:
  domain:
    description:
      - The name of one domain. Where there is none of that name, the lists are empty.
      - Without it, the domains are those that have snapshots.
    type: str
  details:
    description:
      - Whether to read also what takes two more calls for each domain, which is RV(chains) and RV(snapshots[].current).
        They are null otherwise.
      - They are read by default where O(domain) is given.
    type: bool
seealso:
  - module: mini.hypervisor.virt_snapshot
"""

EXAMPLES = r"""
- name: Read the snapshots of all guests
  mini.hypervisor.virt_snapshot_info:
  register: all

- name: Tell which are external
  ansible.builtin.debug:
    msg: "{{ all.snapshots | selectattr('kind', 'equalto', 'external') | map(attribute='name') }}"

- name: Read also which is current, and what the disks consist of
  mini.hypervisor.virt_snapshot_info:
    details: true

- name: Tell the file that disk vda of one guest is in now
  mini.hypervisor.virt_snapshot_info:
    domain: web
  register: web
  failed_when: web.chains[0].disks.vda[0] != '/var/lib/libvirt/images/web.qcow2'
"""

RETURN = r"""
snapshots:
  description:
    - The snapshots, by domain, each domain's oldest first.
    - C(source) of a disk is the file with its content of then, C(overlay) the file with what an external snapshot's
      disk has since.
  returned: success
  type: list
  elements: dict
  contains:
    current:
      description: Whether the next snapshot will be a child of this one; null where O(details) are not read.
      returned: success
      type: bool
  sample:
    - domain: web
      name: backup
      description: ""
      kind: external
      state: disk_only
      memory: false
      created: "2026-01-31T12:00:00Z"
      parent: null
      children: []
      current: true
      disks:
        - target: vda
          source: /var/lib/libvirt/images/web.qcow2
          overlay: /var/lib/libvirt/images/web.backup.qcow2
chains:
  description:
    - Of each domain the disks that can be written, with their files from the one that is written to downwards.
    - Of a domain that does not run, they reach as far down as its snapshots tell.
  returned: success
  type: list
  elements: dict
  sample:
    - domain: web
      disks:
        vda:
          - /var/lib/libvirt/images/web.backup.qcow2
          - /var/lib/libvirt/images/web.qcow2
"""

from typing import Any, Mapping

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import CONNECTION, Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._libvirt.connection import connected
from ansible_collections.mini.hypervisor.plugins.module_utils._snapshot import info

SPEC = {**CONNECTION, "domain": {"type": "str"}, "details": {"type": "bool"}}


def read(request: Request) -> Mapping[str, Any]:
    """The module's work, on a read-only connection."""
    return connected(
        lambda connection: info.everything(connection, request.params["domain"], request.params["details"]),
        request.params,
        readonly=True,
    )


def main() -> None:
    """Entry point."""
    run(SPEC, read)


if __name__ == "__main__":
    main()
