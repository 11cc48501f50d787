#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: virt_pool
short_description: Converge a libvirt storage pool
description:
  - Defines, starts, stops and removes a libvirt storage pool, and changes it in place.
  - Options that are not given are left as they are.
  - Files of a pool are never deleted.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - mini.hypervisor.libvirt
  - mini.hypervisor.attributes
options:
  name:
    description: The name of the pool.
    type: str
    required: true
  state:
    description:
      - V(active) defines the pool where it is missing, makes its directory and starts it.
      - V(inactive) defines it where it is missing, and stops it.
      - V(present) defines it where it is missing, and neither starts nor stops it.
      - V(absent) stops it and removes its definition. Its directory and files stay.
    type: str
    choices: [active, inactive, present, absent]
    default: active
  type:
    description:
      - The kind of storage. A new pool is V(dir) where this is not given.
    type: str
    choices: [dir]
  path:
    description: The directory of the pool on the hypervisor. Needed for a new pool.
    type: str
  mode:
    description: The octal mode of the directory, such as V(0711). It applies when the directory is made.
    type: str
  owner:
    description: The numeric user ID that owns the directory.
    type: int
  group:
    description: The numeric group ID that owns the directory.
    type: int
  autostart:
    description: Whether libvirt starts the pool when the hypervisor boots.
    type: bool
seealso:
  - module: mini.hypervisor.virt_pool_info
  - module: mini.hypervisor.virt_volume
"""

EXAMPLES = r"""
- name: Keep the images of the lab in a directory pool
  mini.hypervisor.virt_pool:
    name: default
    path: /var/lib/libvirt/images
    autostart: true

- name: Forget the pool, keep its files
  mini.hypervisor.virt_pool:
    name: default
    state: absent
"""

RETURN = r"""
pool:
  description: The pool after the run (in check mode, before it); empty where it is absent.
  returned: success
  type: dict
  sample:
    name: default
    uuid: 7f7a4e0c-2f0c-4b3f-9c43-6f1a4f4f5d10
    state: active
    autostart: true
    persistent: true
    type: dir
    path: /var/lib/libvirt/images
    capacity: 105152176128
    allocation: 23622320128
    available: 81529856000
changes:
  description: Each value that changed, or would change.
  returned: success
  type: list
  elements: dict
  sample:
    - {path: state, before: inactive, after: active, applied: live}
"""

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import CONNECTION, Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._libvirt.connection import connect
from ansible_collections.mini.hypervisor.plugins.module_utils._storage import pool
from ansible_collections.mini.hypervisor.plugins.module_utils._xml.properties import argument_spec

SPEC = {
    **CONNECTION,
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["active", "inactive", "present", "absent"], "default": "active"},
    "autostart": {"type": "bool"},
    **argument_spec(pool.PROPERTIES),
}


def converge(request: Request) -> dict:
    """The module's work on one connection, read-only in check mode."""
    with connect(request.params["uri"], request.params["timeout"], readonly=request.check_mode) as connection:
        return pool.converge(connection, request.params, request.check_mode)


def main() -> None:
    """Entry point."""
    run(SPEC, converge)


if __name__ == "__main__":
    main()
