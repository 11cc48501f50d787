#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: virt_pool_info
short_description: Read libvirt storage pools
description:
  - Returns the storage pools that libvirt knows, with their volumes where that is asked for.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - mini.hypervisor.libvirt
  - mini.hypervisor.attributes.info
options:
  name:
    description: The name of one pool. All pools are returned where this is not given.
    type: str
  volumes:
    description: Whether the volumes of each pool are returned too.
    type: bool
    default: false
  details:
    description:
      - Whether to read also what takes a further call, which is RV(pools[].autostart). It is null otherwise.
      - It is read by default where O(name) is given.
    type: bool
seealso:
  - module: mini.hypervisor.virt_pool
  - module: mini.hypervisor.virt_volume_info
"""

EXAMPLES = r"""
- name: See how much space is left
  mini.hypervisor.virt_pool_info:
    name: default
  register: found

- name: Show it in GiB
  ansible.builtin.debug:
    msg: "{{ found.pools[0].available // 1024 ** 3 }} GiB are free"
"""

RETURN = r"""
pools:
  description: The pools as they run, by name; empty where there is none. Sizes are in bytes.
  returned: success
  type: list
  elements: dict
  contains:
    autostart:
      description: Whether libvirt starts the pool when the hypervisor boots; null where O(details) are not read.
      returned: success
      type: bool
    volumes:
      description:
        - The volumes of the pool, as M(mini.hypervisor.virt_volume_info) returns them.
        - It is null where the pool is not active, since libvirt does not know them then.
      returned: when O(volumes=true)
      type: list
      elements: dict
  sample:
    - name: default
      uuid: 7f7a4e0c-2f0c-4b3f-9c43-6f1a4f4f5d10
      state: active
      autostart: true
      persistent: true
      type: dir
      path: /var/lib/libvirt/images
      mode: "0711"
      owner: 0
      group: 0
      source: {host: null, dir: null, devices: [], name: null, format: null}
      capacity: 105152176128
      allocation: 23622320128
      available: 81529856000
"""

from typing import Any, Mapping

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import CONNECTION, Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._libvirt.connection import connected
from ansible_collections.mini.hypervisor.plugins.module_utils._storage import info

SPEC = {
    **CONNECTION,
    "name": {"type": "str"},
    "volumes": {"type": "bool", "default": False},
    "details": {"type": "bool"},
}


def read(request: Request) -> Mapping[str, Any]:
    """The module's work on one read-only connection."""
    return connected(
        lambda connection: {
            "pools": info.pools(connection, *(request.params[option] for option in ("name", "volumes", "details")))
        },
        request.params,
        readonly=True,
    )


def main() -> None:
    """Entry point."""
    run(SPEC, read)


if __name__ == "__main__":
    main()
