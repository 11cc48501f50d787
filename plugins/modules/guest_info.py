#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: guest_info
short_description: Look at guests, whether they are ready
description:
  - Looks at any number of guests at once, and waits for none of them longer than its SSH server takes to answer.
  - Tells of each what M(mini.hypervisor.guest_wait) would, and what its seed holds.
  - It runs on the hypervisor, whose files it reads.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - mini.hypervisor.libvirt
  - mini.hypervisor.attributes.info
options:
  guests:
    description: The guests.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The name of the domain. There need not be one.
        type: str
        required: true
      address:
        description:
          - The IPv4 address that the guest is expected to have, as O(mini.hypervisor.guest_wait#module:address).
        type: str
      ssh_port:
        description: The port of the guest's SSH server.
        type: int
        default: 22
      console_log:
        description: The log of the serial console. Without it, the one that the domain's document names.
        type: path
      cloud_init:
        description: Whether it is ready only when cloud-init has finished.
        type: bool
        default: true
      host_keys:
        description: Whether it is ready only when cloud-init has printed the SSH host keys.
        type: bool
        default: true
seealso:
  - module: mini.hypervisor.guest_wait
"""

EXAMPLES = r"""
- name: Look at two guests
  mini.hypervisor.guest_info:
    guests:
      - name: web
      - name: db
        address: 192.168.122.20
  register: seen

- name: Tell who is not ready
  ansible.builtin.debug:
    msg: "{{ seen.guests | rejectattr('ready') | map(attribute='name') }}"
"""

RETURN = r"""
guests:
  description: The guests in the order in which they were named.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
    address:
      description: Its IPv4 address, null where it is not known.
      type: str
    state:
      description: The domain's state, such as V(running); V(absent) where there is none.
      type: str
    ready:
      description: Whether it is ready.
      type: bool
    phases:
      description: What is seen of a boot, as RV(mini.hypervisor.guest_wait#module:guest.phases).
      type: dict
    took:
      description: The seconds that each phase took.
      type: dict
    host_keys:
      description: The SSH host keys that its console tells, each as its type and its base64 text.
      type: list
      elements: str
    console_log:
      description: The log of its serial console, null where it has none.
      type: str
    cloud_init_version:
      description: The version of cloud-init in it, null where it did not tell.
      type: str
    seed:
      description: The seed of M(mini.hypervisor.cloudinit_seed) among its disks, null where there is none.
      type: dict
      contains:
        path:
          description: The image file.
          type: str
        sha256:
          description: The digest of its content.
          type: str
        spent:
          description: Whether what only first boot reads is no longer in it.
          type: bool
  sample:
    - name: web
      address: 192.168.122.10
      state: running
      ready: true
      phases: {started: 0.0, kernel: 2.5, cloud_init_local: 14.1, address: 18.0, sshd: 27.9, finished: 33.4}
      took: {started: 0.0, kernel: 2.5, cloud_init_local: 11.6, address: 3.9, sshd: 9.9, finished: 5.5}
      host_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHrLq4cmxWkwvvMcMSVsGkNQXuRRVyYlYw3HAB1tZRfB]
      console_log: /var/log/libvirt/qemu/web-serial.log
      cloud_init_version: 22.4.2
      seed:
        path: /var/lib/libvirt/images/web-seed.iso
        sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
        spent: true
"""

import time
from typing import Any, Mapping

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import CONNECTION, Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._guest import info, look_spec
from ansible_collections.mini.hypervisor.plugins.module_utils._libvirt.connection import connected

SPEC = {**CONNECTION, "guests": {"type": "list", "elements": "dict", "required": True, "options": look_spec.SPEC}}


def read(request: Request) -> Mapping[str, Any]:
    """The module's work, on a read-only connection."""
    start = time.monotonic()
    return connected(
        lambda connection: info.read(connection, request.params["guests"], start), request.params, readonly=True
    )


def main() -> None:
    """Entry point."""
    run(SPEC, read)


if __name__ == "__main__":
    main()
