#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: guest_save
short_description: Save a booted machine, from which guests are started
description:
  - Boots a domain that is defined, waits until cloud-init in it has finished, takes its network cards and its seed
    away, saves its memory, and removes the domain. Its disk stays, as the base of the disks of guests.
  - M(mini.hypervisor.guest_restore) then makes guests from it, each with an identity of its own.
  - A saved machine is named after what it was made from, O(inputs) and what of the host it depends on (the versions of
    QEMU and libvirt, the processor). Where that is other, another machine is saved, and the one that is there stays.
  - A machine is saved exactly when its record is there, which is written last. A run that is killed leaves what the
    next run does again. Several runs at a time do it once.
  - Its memory can hold secrets. It lies in a directory that only the module's user can read.
  - The guest needs cloud-init, Python, and QEMU's guest agent, which has to allow C(guest-exec) and C(guest-file-*),
    and one disk that it writes to, a qcow2 file.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - mini.hypervisor.libvirt
  - mini.hypervisor.attributes
options:
  name:
    description:
      - With O(state=present), the beginning of its name, to which a digest is added. Check mode tells the whole name,
        which the domain has to have.
      - With O(state=absent), its whole name.
    type: str
    default: saved
  state:
    description:
      - Whether the machine shall be saved.
      - V(absent) removes it, its disk included. It refuses while a domain lies on the disk, or a file beside it or in a
        pool, whatever lies between (code V(SAVE_IN_USE)). Guests that are being restored from it are waited for.
    type: str
    choices: [present, absent]
    default: present
  inputs:
    description:
      - What the machine is made from, such as the digest of its image, its sizes, and digests of what its first boot is
        told. It is kept in the record, so it must not hold secrets.
    type: dict
    default: {}
  directory:
    description: The directory of saved machines.
    type: path
    default: /var/lib/mini-hypervisor/saved
  deadline:
    description:
      - Seconds within which the machine has to boot.
      - Another run that saves the same machine is waited for three minutes longer, as it may have begun just before and
        saves what it booted after that. Where it fails, this run begins anew.
      - With O(state=absent), seconds for which other runs are waited for that save it or restore guests from it.
    type: int
    default: 900
  progress_file:
    description: File to which one line of progress is appended now and then, for the action plugin that shows it.
    type: path
seealso:
  - module: mini.hypervisor.guest_restore
  - module: mini.hypervisor.virt_domain
"""

EXAMPLES = r"""
- name: Know the name of the machine
  mini.hypervisor.guest_save:
    inputs:
      image: ab290be475462422a3f1a1a345779a030760839413171c167bfc4cc58120f5ed
      memory: 2GiB
  check_mode: true
  register: known

- name: Define it
  mini.hypervisor.virt_domain:
    name: "{{ known.saved.name }}"
    state: present
    memory: 2GiB
    disks:
      - target: vda
        source: /var/lib/libvirt/images/{{ known.saved.name }}.qcow2
        format: qcow2
        bus: virtio
      - target: vdb
        source: /var/lib/libvirt/images/{{ known.saved.name }}-seed.iso
        format: raw
        bus: virtio
        readonly: true
    interfaces:
      - network: default
        model: virtio
    serial_log: /var/log/libvirt/qemu/{{ known.saved.name }}-serial.log
    guest_agent: true
  when: known is changed

- name: Boot and save it
  mini.hypervisor.guest_save:
    inputs:
      image: ab290be475462422a3f1a1a345779a030760839413171c167bfc4cc58120f5ed
      memory: 2GiB
"""

RETURN = r"""
saved:
  description: The saved machine.
  returned: success
  type: dict
  contains:
    name:
      description: Its name, which is also that of the domain that is saved.
      type: str
    disk:
      description: Its disk, the backing file for the disks of guests. Null where it is not saved.
      type: str
    memory:
      description: Its memory. Null where it is not saved.
      type: str
    completed:
      description: When it was saved. Null where it is not.
      type: str
  sample:
    name: saved-3f9a0c1d22
    disk: /var/lib/libvirt/images/saved-3f9a0c1d22.qcow2
    memory: /var/lib/mini-hypervisor/saved/saved-3f9a0c1d22/memory
    completed: "2026-11-25T22:00:19Z"
changes:
  description: What changed, or would change.
  returned: success
  type: list
  elements: dict
  sample:
    - path: state
      before: absent
      after: present
      applied: live
"""

from typing import Any, Mapping

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import CONNECTION, Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._libvirt.connection import connected
from ansible_collections.mini.hypervisor.plugins.module_utils._saved import save
from ansible_collections.mini.hypervisor.plugins.module_utils._saved.place import DIRECTORY

SPEC = {
    **CONNECTION,
    "name": {"type": "str", "default": "saved"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "inputs": {"type": "dict", "default": {}},
    "directory": {"type": "path", "default": DIRECTORY},
    "deadline": {"type": "int", "default": 900},
    "progress_file": {"type": "path"},
}


def converge(request: Request) -> Mapping[str, Any]:
    """The module's work."""
    return connected(
        lambda connection: save.converge(connection, request.params, request.check_mode, request.run_command),
        request.params,
        readonly=request.check_mode,
    )


def main() -> None:
    """Entry point."""
    run(SPEC, converge)


if __name__ == "__main__":
    main()
