#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: virt_volume_info
short_description: Read the volumes of a libvirt storage pool
description:
  - Returns what libvirt knows about the volumes of a pool. Files that were put there behind its back are known
    after the pool was refreshed or restarted.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - mini.hypervisor.libvirt
  - mini.hypervisor.attributes.info
options:
  pool:
    description: The name of the pool, which has to be active.
    type: str
    required: true
  name:
    description: The name of one volume. All volumes of the pool are returned where this is not given.
    type: str
seealso:
  - module: mini.hypervisor.virt_volume
  - module: mini.hypervisor.virt_pool_info
"""

EXAMPLES = r"""
- name: See what is in the pool
  mini.hypervisor.virt_volume_info:
    pool: default
  register: found

- name: Show the thin volumes
  ansible.builtin.debug:
    msg: "{{ found.volumes | selectattr('backing') | map(attribute='name') }}"
"""

RETURN = r"""
volumes:
  description: The volumes, by name; empty where there is none. Sizes are in bytes.
  returned: success
  type: list
  elements: dict
  sample:
    - name: web.qcow2
      key: /var/lib/libvirt/images/web.qcow2
      path: /var/lib/libvirt/images/web.qcow2
      pool: default
      type: file
      format: qcow2
      capacity: 10737418240
      allocation: 200704
      qcow2: {compat: "1.1", lazy_refcounts: false, cluster_size: 65536, extended_l2: false}
      backing:
        path: /var/lib/libvirt/images/ubuntu-20.04-5da2eb9b.qcow2
        format: qcow2
"""

from typing import Any, Mapping

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import CONNECTION, Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._libvirt.connection import connected
from ansible_collections.mini.hypervisor.plugins.module_utils._storage import info

SPEC = {
    **CONNECTION,
    "pool": {"type": "str", "required": True},
    "name": {"type": "str"},
}


def read(request: Request) -> Mapping[str, Any]:
    """The module's work on one read-only connection."""
    return connected(
        lambda connection: {"volumes": info.volumes(connection, request.params["pool"], request.params["name"])},
        request.params,
        readonly=True,
    )


def main() -> None:
    """Entry point."""
    run(SPEC, read)


if __name__ == "__main__":
    main()
