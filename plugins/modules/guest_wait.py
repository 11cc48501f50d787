#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: guest_wait
short_description: Wait until a guest is ready
description:
  - Waits until a guest has booted, cloud-init in it has finished and its SSH server answers.
  - Fails with code V(GUEST_NOT_READY) as soon as it is certain that this will not come (the kernel panicked, the domain
    stopped, there is nothing to boot), else at the O(deadline). The failure tells its class, the phases with the time
    that each took, the domain's state, its lease, the last lines of its console, and the modules of cloud-init that
    failed.
  - Each phase is shown as it is reached. The module is woken by what is written to the console's log and by libvirt's
    events. It asks for leases, of which no event tells, a few times a second.
  - Returns the SSH host keys that cloud-init printed on the console, so that the first connection can be verified.
  - It runs on the hypervisor, whose files it reads. In check mode it looks once and never fails.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - mini.hypervisor.libvirt
  - mini.hypervisor.attributes.info
options:
  name:
    description: The name of the domain.
    type: str
    required: true
  deadline:
    description: Seconds within which the guest has to be ready.
    type: int
    default: 600
  address:
    description:
      - The IPv4 address that the guest is expected to have. Where a libvirt network reserves it for one of the domain's
        cards, a guest that was not given it fails with the class V(no_lease); at once and with the class
        V(address_taken) where somebody else has a lease of it, so that the guest was given another.
      - One of the loopback interface leads to the guest by a forwarded port, which may take connections before it has
        booted. There, nothing but the greeting of its SSH server tells that it has an address, and a guest that never
        answers fails with the class V(ssh_silent).
      - Without it, the address is the one that a libvirt network leased to one of the domain's cards.
    type: str
  ssh_port:
    description: The port of the guest's SSH server.
    type: int
    default: 22
  console_log:
    description: The log of the serial console. Without it, the one that the domain's document names.
    type: path
  cloud_init:
    description:
      - Whether cloud-init has to finish.
      - It has to have finished in the current boot, unless SSH answers at the first look and the log tells of an
        earlier boot that finished.
    type: bool
    default: true
  host_keys:
    description: Whether cloud-init has to have printed the SSH host keys.
    type: bool
    default: true
  progress_file:
    description: File to which one line of progress is appended now and then, for the action plugin that shows it.
    type: path
seealso:
  - module: mini.hypervisor.cloudinit_seed
  - module: mini.hypervisor.guest_info
"""

EXAMPLES = r"""
- name: Wait until the guest can be used
  mini.hypervisor.guest_wait:
    name: web
    deadline: 300
  register: web

- name: Know its host keys before the first connection
  ansible.builtin.known_hosts:
    name: web
    key: "web {{ item }}"
  loop: "{{ web.guest.host_keys }}"
  delegate_to: localhost
"""

RETURN = r"""
guest:
  description: The guest. In check mode, what is seen at once.
  returned: success
  type: dict
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
      description:
        - The phases of a boot and the seconds after which each was first seen, null where it was not.
        - They count from the start of the domain where that is known, else from the beginning of the wait. What was
          past when the wait began is told as of then.
      type: dict
    took:
      description: The seconds that each phase took, which is the time since the one that was reached before it.
      type: dict
    host_keys:
      description: The SSH host keys, each as its type and its base64 text.
      type: list
      elements: str
    console_log:
      description: The log of its serial console, null where it has none.
      type: str
    cloud_init_version:
      description: The version of cloud-init in it, null where it did not tell.
      type: str
  sample:
    name: web
    address: 192.168.122.10
    state: running
    ready: true
    phases:
      started: 0.0
      kernel: 2.5
      cloud_init_local: 14.1
      cloud_init_network: 19.7
      cloud_init_final: 31.2
      address: 18.0
      sshd: 27.9
      finished: 33.4
    took:
      started: 0.0
      kernel: 2.5
      cloud_init_local: 11.6
      cloud_init_network: 1.7
      cloud_init_final: 3.3
      address: 3.9
      sshd: 8.2
      finished: 2.2
    host_keys:
      - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHrLq4cmxWkwvvMcMSVsGkNQXuRRVyYlYw3HAB1tZRfB
    console_log: /var/log/mini-hypervisor/web.log
    cloud_init_version: 22.4.2
"""

import time
from typing import Any, Mapping

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import CONNECTION, Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._guest import look_spec, wait
from ansible_collections.mini.hypervisor.plugins.module_utils._libvirt.connection import connected

SPEC = {
    **CONNECTION,
    **look_spec.SPEC,
    "deadline": {"type": "int", "default": 600},
    "progress_file": {"type": "path"},
}


def read(request: Request) -> Mapping[str, Any]:
    """The module's work, on a read-only connection."""
    start = time.monotonic()
    return connected(
        lambda connection: wait.wait(connection, request.params, request.check_mode, start),
        request.params,
        readonly=True,
    )


def main() -> None:
    """Entry point."""
    run(SPEC, read)


if __name__ == "__main__":
    main()
