#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudinit_seed
short_description: Make a cloud-init seed image
description:
  - Makes the ISO image from which cloud-init in a guest takes its NoCloud data at first boot.
  - The image is written under another name and renamed when it is complete. Only its owner can read it.
  - A digest of the content is kept in the image, so that a second run with the same content changes nothing.
  - A seed that holds other content is not replaced without O(replace), with code V(SEED_DIFFERS), since a guest reads
    its seed only at first boot. A file that is not such a seed is never touched, with code V(NOT_A_SEED).
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - mini.hypervisor.attributes
requirements:
  - xorriso, genisoimage or mkisofs
attributes:
  platform:
    description: The operating systems on which the module runs.
    support: full
    platforms: linux
options:
  path:
    description: The image file on the hypervisor. Its directory has to exist.
    type: path
    required: true
  state:
    description: Whether the image shall be there.
    type: str
    choices: [present, absent]
    default: present
  user_data:
    description:
      - The user data, as a dictionary (C(#cloud-config)) or as a string with the first line that cloud-init asks for.
      - Required with O(state=present).
    type: raw
  meta_data:
    description:
      - The meta data. Without C(instance-id) it gets one that is made from the content.
    type: dict
  network_config:
    description: The network configuration. Without it the guest configures its first card by DHCP.
    type: dict
  owner:
    description:
      - The user to whom the file is given when it is written.
      - It is not compared later, because libvirt gives the file to QEMU's user while the guest runs.
    type: str
  group:
    description: The group to which the file is given when it is written.
    type: str
  replace:
    description: Whether a seed that holds other content is replaced.
    type: bool
    default: false
seealso:
  - module: mini.hypervisor.guest_wait
"""

EXAMPLES = r"""
- name: Seed a guest with a user who logs in by key
  mini.hypervisor.cloudinit_seed:
    path: /var/lib/libvirt/images/web-seed.iso
    meta_data:
      local-hostname: web
    user_data:
      users:
        - name: admin
          ssh_authorized_keys:
            - "{{ lookup('ansible.builtin.file', 'id_ed25519.pub') }}"
"""

RETURN = r"""
seed:
  description: The seed.
  returned: success
  type: dict
  contains:
    path:
      description: The image file.
      type: str
    sha256:
      description: The digest of its content, null where it is absent.
      type: str
    instance_id:
      description: The identity of the instance, null where the seed is absent.
      type: str
  sample:
    path: /var/lib/libvirt/images/web-seed.iso
    sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    instance_id: iid-4e07408562bedb8b
"""

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._guest import seed

SPEC = {
    "path": {"type": "path", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "user_data": {"type": "raw", "no_log": True},
    "meta_data": {"type": "dict"},
    "network_config": {"type": "dict"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "replace": {"type": "bool", "default": False},
}


def converge(request: Request) -> dict:
    """The module's work."""
    return seed.converge(request.params, request.check_mode, request.run_command)


def main() -> None:
    """Entry point."""
    run(SPEC, converge, libraries=(), concealed=("user_data",), required_if=[("state", "present", ["user_data"])])


if __name__ == "__main__":
    main()
