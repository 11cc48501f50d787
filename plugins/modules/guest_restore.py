#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: guest_restore
short_description: Start a guest from a saved machine, with an identity of its own
description:
  - Restores the memory that M(mini.hypervisor.guest_save) saved under the name of a domain that is defined, gives the
    guest an identity through its agent, and plugs in its cards, with their own MAC addresses, and its seed.
  - A guest with systemd-networkd or NetworkManager has its cards, without a link, while it takes its identity. Any
    other has no card before. So nothing reaches it before it has keys of its own, and its SSH server waits for them
    as well.
  - The guest gets the time, random numbers that no other guest has, a machine ID, a host name, SSH host keys that it
    makes itself, the authorized keys of its user, and in cloud-init the instance of its own seed, so that a restart is
    not a first boot.
  - The domain has to be defined as the machine was that was saved, except for its name, its addresses, the files of its
    disks and its console's log. libvirt compares both (code V(SAVE_DIFFERS)). Its disk has to be an overlay on the
    saved machine's, which the module makes anew.
  - A guest that has run is left alone, whether it runs now or not. A run that is killed leaves a mark, and the next one
    begins again.
  - A machine that was saved with other versions of QEMU or libvirt, or on another processor, is refused with code
    V(SAVE_FOREIGN).
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - mini.hypervisor.libvirt
  - mini.hypervisor.attributes
requirements:
  - qemu-img
options:
  name:
    description: The name of the domain.
    type: str
    required: true
  saved:
    description: The name of the saved machine, as M(mini.hypervisor.guest_save) returns it.
    type: str
    required: true
  directory:
    description: The directory of saved machines.
    type: path
    default: /var/lib/mini-hypervisor/saved
  hostname:
    description: The host name.
    type: str
    required: true
  instance_id:
    description: The instance ID of the guest's own seed, as M(mini.hypervisor.cloudinit_seed) returns it.
    type: str
    required: true
  user:
    description: The account that gets O(authorized_keys).
    type: str
    required: true
  authorized_keys:
    description: The public keys that may log in as O(user), in place of those of the saved machine.
    type: list
    elements: str
    required: true
  wait:
    description: Whether to wait for the SSH server of a guest that was restored, as M(mini.hypervisor.guest_wait) does.
    type: bool
    default: false
  address:
    description: The IPv4 address that the guest is expected to have, else the one that a libvirt network leased to it.
    type: str
  ssh_port:
    description: The port of the guest's SSH server.
    type: int
    default: 22
  deadline:
    description: Seconds within which the guest has to have its identity, and with O(wait) to be reached.
    type: int
    default: 300
  progress_file:
    description: File to which one line of progress is appended now and then, for the action plugin that shows it.
    type: path
seealso:
  - module: mini.hypervisor.guest_save
  - module: mini.hypervisor.guest_wait
"""

EXAMPLES = r"""
- name: Start the guest from the saved machine
  mini.hypervisor.guest_restore:
    name: web
    saved: saved-3f9a0c1d22
    hostname: web
    instance_id: iid-4e07408562bedb8b
    user: lab
    authorized_keys:
      - "{{ lookup('ansible.builtin.file', 'id_ed25519.pub') }}"
    wait: true
  register: web

- name: Know its host keys before the first connection
  ansible.builtin.known_hosts:
    name: "{{ web.guest.address }}"
    key: "{{ web.guest.address }} {{ item }}"
  loop: "{{ web.guest.host_keys }}"
  delegate_to: localhost
"""

RETURN = r"""
guest:
  description: The guest.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
    hostname:
      description: The host name that it was given, null where nothing was done.
      type: str
    machine_id:
      description: The machine ID that it made, null where nothing was done.
      type: str
    host_keys:
      description: The SSH host keys that it made, each as its type and its base64 text. Empty where nothing was done.
      type: list
      elements: str
    address:
      description: The IPv4 address at which its SSH server answered, null where that was not waited for.
      type: str
    phases:
      description:
        - The phases that were waited for, and the seconds since the start of the domain after which each was seen, as
          M(mini.hypervisor.guest_wait) tells them. Empty where they were not waited for.
      type: dict
    took:
      description: The seconds after which the memory was restored, the agent answered, the guest had its identity, and
        its cards and its seed were plugged in. Null where nothing was done.
      type: dict
  sample:
    name: web
    hostname: web
    machine_id: 477c7cab2f8d41e7b1b9e5d356bb3c64
    host_keys:
      - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHrLq4cmxWkwvvMcMSVsGkNQXuRRVyYlYw3HAB1tZRfB
    address: 192.168.122.10
    phases:
      started: 0.0
      address: 1.9
      sshd: 2.2
    took:
      restored: 0.9
      agent: 1.0
      identity: 2.4
      connected: 2.5
changes:
  description: What changed, or would change.
  returned: success
  type: list
  elements: dict
  sample:
    - path: state
      before: new
      after: restored
      applied: live
"""

from typing import Any, Mapping

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import CONNECTION, Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._libvirt.connection import connected
from ansible_collections.mini.hypervisor.plugins.module_utils._saved import restore
from ansible_collections.mini.hypervisor.plugins.module_utils._saved.place import DIRECTORY

SPEC = {
    **CONNECTION,
    "name": {"type": "str", "required": True},
    "saved": {"type": "str", "required": True},
    "directory": {"type": "path", "default": DIRECTORY},
    "hostname": {"type": "str", "required": True},
    "instance_id": {"type": "str", "required": True},
    "user": {"type": "str", "required": True},
    "authorized_keys": {"type": "list", "elements": "str", "required": True, "no_log": False},
    "wait": {"type": "bool", "default": False},
    "address": {"type": "str"},
    "ssh_port": {"type": "int", "default": 22},
    "deadline": {"type": "int", "default": 300},
    "progress_file": {"type": "path"},
}


def converge(request: Request) -> Mapping[str, Any]:
    """The module's work."""
    return connected(
        lambda connection: restore.converge(connection, request.params, request.check_mode, request.run_command),
        request.params,
        readonly=request.check_mode,
    )


def main() -> None:
    """Entry point."""
    run(SPEC, converge)


if __name__ == "__main__":
    main()
