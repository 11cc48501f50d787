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
  - Options that are not given are left as they are. The UUID always stays.
  - A changed definition takes effect when the pool is started the next time; RV(restart_required) tells. Only
    O(autostart) changes at once.
  - Files of a pool are never deleted, and nothing is ever formatted.
  - Storage that another pool has already is refused (code V(STORAGE_IN_USE)).
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
      - The kind of storage. A new pool is V(dir) where neither this nor O(xml) is given.
      - V(dir) is a directory, V(fs) a file system that is mounted, V(netfs) one of a server, V(logical) an LVM volume
        group, and V(disk) a partitioned disk. The latter ones have to exist.
      - All other kinds are defined by O(xml).
    type: str
    choices: [dir, fs, netfs, logical, disk]
  path:
    description:
      - The directory of the pool on the hypervisor, or where its storage is mounted.
      - Needed for a new pool, but for one that is V(logical), which appears below C(/dev).
    type: str
  mode:
    description:
      - The octal mode of the directory, such as V('0711'). The directory gets it when the pool is started.
      - This and O(owner) and O(group) are for pools of type V(dir) only.
    type: str
  owner:
    description: The numeric user ID that owns the directory.
    type: int
  group:
    description: The numeric group ID that owns the directory.
    type: int
  source:
    description: Where the storage of a pool that is no directory comes from.
    type: dict
    suboptions:
      host:
        description: The server of a V(netfs) pool.
        type: str
      dir:
        description: The directory that the server exports.
        type: str
      devices:
        description: The block devices of a V(fs), V(logical) or V(disk) pool. The list is complete.
        type: list
        elements: str
      name:
        description: The name of the volume group of a V(logical) pool. It is O(name) where this is not given.
        type: str
      format:
        description: The format, such as V(ext4), V(nfs), V(lvm2) or V(gpt).
        type: str
  autostart:
    description: Whether libvirt starts the pool when the hypervisor boots.
    type: bool
  build:
    description:
      - Whether a directory that is missing is made before the pool is started.
      - With V(false) it has to be there (code V(DIRECTORY_MISSING)), and its permissions stay as they are.
    type: bool
    default: true
  xml:
    description:
      - A whole C(<pool>) document, for what has no option. The other options refine it.
      - The pool is unchanged exactly where libvirt would store the same if it were defined from the document, with the
        UUID that it has. Permissions that the document does not state are those of the storage while the pool runs.
    type: str
  restart:
    description:
      - V(never) leaves a running pool as it is until somebody restarts it.
      - V(if_needed) restarts it where it is not what its definition says.
    type: str
    choices: [never, if_needed]
    default: never
  force:
    description:
      - Whether a pool may be restarted while running guests have disks on it, and a pool whose storage goes away with
        it may be stopped (code V(POOL_IN_USE) otherwise).
    type: bool
    default: false
  remove_directory:
    description:
      - Whether O(state=absent) removes the directory of a pool of type V(dir) too.
      - Only an empty directory is ever removed. One with any file in it is refused (code V(DIRECTORY_NOT_EMPTY)).
    type: bool
    default: false
seealso:
  - module: mini.hypervisor.virt_pool_info
  - module: mini.hypervisor.virt_volume
"""

EXAMPLES = r"""
- name: Keep the images of the lab in a directory pool
  mini.hypervisor.virt_pool:
    name: default
    path: /var/lib/libvirt/images
    mode: "0711"
    autostart: true

- name: Move it, at once
  mini.hypervisor.virt_pool:
    name: default
    path: /srv/images
    restart: if_needed

- name: Use a directory that somebody else cares for
  mini.hypervisor.virt_pool:
    name: shared
    path: /srv/shared
    build: false

- name: Mount a file system of a server
  mini.hypervisor.virt_pool:
    name: iso
    type: netfs
    path: /srv/iso
    source:
      host: files.example.org
      dir: /exports/iso
      format: nfs

- name: Use a volume group that exists
  mini.hypervisor.virt_pool:
    name: disks
    type: logical
    source:
      name: vg0

- name: Mount with options that have no option here
  mini.hypervisor.virt_pool:
    name: fast
    xml: |
      <pool type='netfs' xmlns:fs='http://libvirt.org/schemas/storagepool/fs/1.0'>
        <source>
          <host name='files.example.org'/>
          <dir path='/exports/fast'/>
          <protocol ver='4.2'/>
        </source>
        <target><path>/srv/fast</path></target>
        <fs:mount_opts><fs:option name='noatime'/></fs:mount_opts>
      </pool>

- name: Forget the pool, keep its files
  mini.hypervisor.virt_pool:
    name: default
    state: absent

- name: Forget it, and remove its directory, which is empty
  mini.hypervisor.virt_pool:
    name: default
    state: absent
    remove_directory: true
"""

RETURN = r"""
pool:
  description:
    - The pool after the run by its definition, empty where it is absent. In check mode it is the predicted one.
    - Sizes are in bytes.
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
    mode: "0711"
    owner: 0
    group: 0
    source: {host: null, dir: null, devices: [], name: null, format: null}
    capacity: 105152176128
    allocation: 23622320128
    available: 81529856000
restart_required:
  description: Whether the running pool is not what its definition says.
  returned: success
  type: bool
changes:
  description: Each value that changed, or would change.
  returned: success
  type: list
  elements: dict
  sample:
    - {path: state, before: inactive, after: active, applied: live}
"""

from typing import Any, Mapping

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import CONNECTION, Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._libvirt.connection import connected
from ansible_collections.mini.hypervisor.plugins.module_utils._storage import pool
from ansible_collections.mini.hypervisor.plugins.module_utils._storage.pool_properties import PROPERTIES
from ansible_collections.mini.hypervisor.plugins.module_utils._xml.properties import argument_spec

SPEC = {
    **CONNECTION,
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["active", "inactive", "present", "absent"], "default": "active"},
    "autostart": {"type": "bool"},
    "build": {"type": "bool", "default": True},
    "xml": {"type": "str"},
    "restart": {"type": "str", "choices": ["never", "if_needed"], "default": "never"},
    "force": {"type": "bool", "default": False},
    "remove_directory": {"type": "bool", "default": False},
    **argument_spec(PROPERTIES),
}


def converge(request: Request) -> Mapping[str, Any]:
    """The module's work, on a connection that is read-only in check mode."""
    return connected(
        lambda connection: pool.converge(connection, request.params, request.check_mode, request.warn),
        request.params,
        readonly=request.check_mode,
    )


def main() -> None:
    """Entry point."""
    run(SPEC, converge)


if __name__ == "__main__":
    main()
