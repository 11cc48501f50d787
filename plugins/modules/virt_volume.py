#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: virt_volume
short_description: Converge a volume of a libvirt storage pool
description:
  - Makes a volume (empty, as an overlay on another image, or as a copy of a file), grows it and deletes it.
  - Nothing is ever shrunk, converted or replaced. Where only that would give what is asked for, the module fails and
    changes nothing.
  - A volume that a running guest uses is neither grown nor deleted.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - mini.hypervisor.libvirt
  - mini.hypervisor.attributes
options:
  name:
    description: The name of the volume, which is its file name in a pool that is a directory.
    type: str
    required: true
  pool:
    description: The name of the pool, which has to be active.
    type: str
    required: true
  state:
    description:
      - V(present) makes the volume where it is missing, and grows it where it is smaller than O(capacity).
      - V(absent) deletes exactly this volume and its content.
    type: str
    choices: [present, absent]
    default: present
  capacity:
    description:
      - The size that a guest sees, such as V(10GiB) or V(2048M); a bare number is bytes.
      - It is rounded up to a multiple of 512 bytes.
      - A new volume without it gets the size of O(source) or O(backing).
      - A smaller one than the volume has is refused (code V(SHRINK_REFUSED)).
    type: str
  format:
    description:
      - The format of the volume. A new volume, and any with O(source), is V(qcow2) where this is not given.
      - It is also the format that O(source) has to have. Nothing is converted, and no format is guessed.
      - An existing volume of another format is refused (code V(RECREATE_REQUIRED)).
    type: str
    choices: [qcow2, raw]
  backing:
    description:
      - The image below the volume, which becomes an overlay that holds only what differs from it.
      - An existing volume with another backing is refused (code V(RECREATE_REQUIRED)).
    type: dict
    suboptions:
      path:
        description: The absolute path of the image, a volume of any pool or another file of the hypervisor.
        type: str
        required: true
      format:
        description: The format of that image. It is never guessed, since a guest can write any header into a raw image.
        type: str
        choices: [qcow2, raw]
        required: true
  source:
    description:
      - The path of an image on the hypervisor from which a new volume is copied.
      - The copy is made under a hidden name in the directory of the pool, compared with the source, and then renamed.
        So a run that is killed leaves nothing under O(name).
      - An image that has a backing file, names another data file, is encrypted, or is not of O(format), is refused.
      - An existing volume is left as it is, whatever its content, because a guest may have written to it.
        Put a version or a digest into the name of a volume that shall follow its source.
      - It needs a pool that is a directory, a local O(uri), and a user who may write into that directory.
    type: path
  checksum:
    description:
      - The checksum of O(source), such as V(sha256:) and 64 hexadecimal digits. It is verified before the copy.
    type: str
  mode:
    description: The octal mode of the file of a new volume, such as V('0644'). It is V('0600') where this is not given.
    type: str
  owner:
    description: The numeric user ID that owns a new volume. libvirt changes it itself while a guest uses the volume.
    type: int
  group:
    description: The numeric group ID that owns a new volume.
    type: int
seealso:
  - module: mini.hypervisor.virt_volume_info
  - module: mini.hypervisor.virt_pool
"""

EXAMPLES = r"""
- name: Bring an image into the pool
  mini.hypervisor.virt_volume:
    pool: default
    name: ubuntu-20.04-5da2eb9b.qcow2
    source: /var/cache/images/ubuntu-20.04.img
    checksum: sha256:5da2eb9bf4d08f4b0b1b3d6dd8dc1f9b3b4a1b5b1b1b0f1fdc4d1e1a9c1e7f00
  register: base

- name: Give a guest a thin disk of 10 GiB on top of it
  mini.hypervisor.virt_volume:
    pool: default
    name: web.qcow2
    capacity: 10GiB
    backing:
      path: "{{ base.volume.path }}"
      format: qcow2

- name: Delete the disk
  mini.hypervisor.virt_volume:
    pool: default
    name: web.qcow2
    state: absent
"""

RETURN = r"""
volume:
  description:
    - The volume after the run, empty where it is absent. In check mode it is the predicted one.
    - Sizes are in bytes.
  returned: success
  type: dict
  sample:
    name: web.qcow2
    key: /var/lib/libvirt/images/web.qcow2
    path: /var/lib/libvirt/images/web.qcow2
    pool: default
    type: file
    format: qcow2
    capacity: 10737418240
    allocation: 200704
    backing:
      path: /var/lib/libvirt/images/ubuntu-20.04-5da2eb9b.qcow2
      format: qcow2
changes:
  description: Each value that changed, or would change.
  returned: success
  type: list
  elements: dict
  sample:
    - {path: capacity, before: 5368709120, after: 10737418240, applied: live}
"""

from typing import Any, Mapping

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import CONNECTION, Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._libvirt.connection import connected
from ansible_collections.mini.hypervisor.plugins.module_utils._storage import volume
from ansible_collections.mini.hypervisor.plugins.module_utils._storage.volume_plan import PERMISSIONS, PROPERTIES
from ansible_collections.mini.hypervisor.plugins.module_utils._xml.properties import argument_spec

SPEC = {
    **CONNECTION,
    "name": {"type": "str", "required": True},
    "pool": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "source": {"type": "path"},
    "checksum": {"type": "str"},
    **argument_spec(PROPERTIES),
    **argument_spec(PERMISSIONS),
}


def converge(request: Request) -> Mapping[str, Any]:
    """The module's work, on a connection that is read-only in check mode."""
    return connected(
        lambda connection: volume.converge(connection, request.params, request.check_mode, request.warn),
        request.params,
        readonly=request.check_mode,
    )


def main() -> None:
    """Entry point."""
    run(
        SPEC,
        converge,
        mutually_exclusive=[("source", "backing")],
        required_by={"checksum": ["source"]},
    )


if __name__ == "__main__":
    main()
