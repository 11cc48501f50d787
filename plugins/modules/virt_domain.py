#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: virt_domain
short_description: Converge a libvirt domain
description:
  - Defines, changes, starts, stops and removes a libvirt domain (a guest) by typed options or by its XML.
  - Options that are not given are left as they are, and so are devices that are not listed.
  - A changed definition of a running domain takes effect when it boots next. RV(restart_required) tells so, and
    O(restart=if_needed) restarts it. The title, the description, the metadata and O(autostart) change at once.
  - The definition is never removed to be written again, and its UUID and MAC addresses stay.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - mini.hypervisor.libvirt
  - mini.hypervisor.attributes
options:
  name:
    description: The name of the domain.
    type: str
    required: true
  state:
    description:
      - V(present) defines the domain where it is missing, and neither starts nor stops it.
      - V(running) and V(paused) also start it, wake it or resume it.
      - V(shutdown) asks its operating system to shut down, and waits for it.
      - V(absent) shuts it down and removes its definition, and of its storage what O(remove_storage) lists.
    type: str
    choices: [present, running, shutdown, paused, absent]
    default: running
  xml:
    description:
      - A whole C(<domain>) document, for what has no option. The other options refine it.
      - All that it states has to hold, and disks, interfaces and the like that it does not have are removed from the
        definition. What libvirt adds by itself, such as controllers and addresses, stays.
      - Check mode can neither read passwords, which it takes for unchanged, nor have libvirt validate the document.
    type: str
  type:
    description:
      - How the guest is run, V(kvm) or V(qemu) (emulated by TCG). V(test) is for libvirt's test driver.
      - Needed for a new domain without O(xml).
    type: str
    choices: [kvm, qemu, test]
  title:
    description: A short title. An empty one removes it.
    type: str
  description:
    description: A description. An empty one removes it.
    type: str
  metadata:
    description: Facts to keep with the domain, names and strings. They replace those that it has.
    type: dict
  memory:
    description:
      - The most memory the guest can have, such as V(2900MiB); a bare number is KiB. QEMU gives whole MiB.
      - Needed for a new domain without O(xml).
    type: str
  current_memory:
    description: The memory the guest has now. It follows O(memory) where that changes and this is not given.
    type: str
  vcpus:
    description: The number of virtual processors. A new domain has 1 where this is not given.
    type: int
  cpu:
    description: The processor that the guest sees.
    type: dict
    suboptions:
      mode:
        description: Where its features come from. With V(custom) they are those of O(cpu.model).
        type: str
        choices: [host-passthrough, host-model, maximum, custom]
      model:
        description: The name of a CPU model, such as V(Nehalem).
        type: str
      topology:
        description: How the processors are arranged.
        type: dict
        suboptions:
          sockets:
            description: The number of sockets.
            type: int
          cores:
            description: The number of cores in a socket.
            type: int
          threads:
            description: The number of threads of a core.
            type: int
  arch:
    description: The architecture, such as V(x86_64). It is the hypervisor's where this is not given.
    type: str
  machine:
    description: The machine type. An alias (V(pc), V(q35), V(virt)) means any version of it.
    type: str
  kernel:
    description: The path on the hypervisor of a kernel to boot directly. An empty one boots from the boot devices.
    type: str
  initrd:
    description: The path of its initial RAM disk.
    type: str
  cmdline:
    description: Its command line.
    type: str
  boot:
    description: The order of boot devices. For single devices use their boot_order instead.
    type: list
    elements: str
    choices: [hd, cdrom, network, fd]
  on_poweroff:
    description: What happens when the guest powers off.
    type: str
    choices: [destroy, restart, preserve]
  on_reboot:
    description: What happens when the guest reboots.
    type: str
    choices: [destroy, restart, preserve]
  on_crash:
    description: What happens when the guest crashes.
    type: str
    choices: [destroy, restart, preserve]
  disks:
    description: Disks, each known by its target. Those that are not listed are left alone.
    type: list
    elements: dict
    suboptions:
      target:
        description: The name of the device, such as V(vda).
        type: str
        required: true
      source:
        description: The path of a file, or of a block device under C(/dev).
        type: str
      device:
        description: The kind of device. A new one is V(disk) where this is not given.
        type: str
        choices: [disk, cdrom, floppy]
      bus:
        description: The bus. A new disk is on V(virtio) where this is not given.
        type: str
        choices: [virtio, scsi, sata, ide, usb, fdc]
      format:
        description: The format of the content, which is never guessed. A new disk is V(raw) where this is not given.
        type: str
        choices: [qcow2, raw]
      cache:
        description: How QEMU uses the hypervisor's page cache.
        type: str
        choices: [none, writeback, writethrough, directsync, unsafe, default]
      io:
        description: How QEMU does its input and output.
        type: str
        choices: [native, threads, io_uring]
      discard:
        description: Whether the guest's discards reach the storage.
        type: str
        choices: [unmap, ignore]
      serial:
        description: The serial number that the guest sees.
        type: str
      readonly:
        description: Whether the guest can only read.
        type: bool
      boot_order:
        description: The position among the boot devices, from 1.
        type: int
  interfaces:
    description:
      - Network cards, each known by its MAC address. Those that are not listed are left alone.
    type: list
    elements: dict
    suboptions:
      mac:
        description:
          - The MAC address. Where this is not given, it is that of the card at the same position, or, for a new card,
            one computed from the names of the hypervisor and the domain.
        type: str
      network:
        description: The libvirt network it is plugged into.
        type: str
      bridge:
        description: The bridge of the hypervisor it is plugged into.
        type: str
      model:
        description: The model. A new card is V(virtio) where this is not given.
        type: str
        choices: [virtio, e1000, e1000e, rtl8139]
      boot_order:
        description: The position among the boot devices, from 1.
        type: int
  serial_log:
    description: The path of a file to which libvirt appends what the guest writes to its serial port.
    type: str
  guest_agent:
    description: Whether there is a channel for QEMU's guest agent.
    type: bool
  rng:
    description: The file of the hypervisor that feeds a virtio random number generator, such as V(/dev/urandom).
    type: str
  memballoon:
    description: The memory balloon, V(none) for memory that stays fixed.
    type: str
    choices: [virtio, none]
  graphics:
    description: A screen, which is reached from the hypervisor itself only. A new domain has none.
    type: str
    choices: [none, vnc]
  autostart:
    description: Whether libvirt starts the domain when the hypervisor boots.
    type: bool
  restart:
    description:
      - V(never) leaves a running domain as it is when its definition changes.
      - V(if_needed) restarts it where it differs from its definition.
    type: str
    choices: [never, if_needed]
    default: never
  live:
    description:
      - Whether a running guest is changed at once where libvirt can do that. RV(changes) tells what is.
      - V(false) changes the definition only, which takes effect when the guest boots next.
    type: bool
    default: true
  remove_unlisted_devices:
    description:
      - Whether devices are removed that a given list, such as O(disks), does not have. Lists that are not given are left
        alone.
    type: bool
    default: false
  managed_save:
    description:
      - What happens when the definition of a domain changes that was saved while it ran. It goes on from its image with the
        definition of then.
      - V(refuse) fails, V(discard) loses the image as if the power had failed, and V(keep) lets the change wait until the
        guest boots next.
    type: str
    choices: [refuse, discard, keep]
    default: refuse
  shutdown_timeout:
    description: Seconds that the guest has for shutting down.
    type: int
    default: 120
  force:
    description:
      - Whether a guest that does not shut down in time may be powered off, and one that was paused by a disk error
        resumed.
    type: bool
    default: false
  remove_storage:
    description:
      - With O(state=absent), the targets of the disks whose files are deleted, such as V(vda).
      - CD-ROMs, read-only and shared disks are refused.
    type: list
    elements: str
    default: []
  discard:
    description: What else may be lost with O(state=absent).
    type: list
    elements: str
    choices: [managed_save, snapshots, nvram]
    default: []
  validate:
    description: Whether elements and attributes that libvirt does not know are refused. libvirt drops them otherwise.
    type: bool
    default: true
seealso:
  - module: mini.hypervisor.virt_domain_info
  - module: mini.hypervisor.virt_volume
  - module: mini.hypervisor.guest_wait
"""

EXAMPLES = r"""
- name: A guest that boots from a disk
  mini.hypervisor.virt_domain:
    name: web
    type: kvm
    memory: 2900MiB
    vcpus: 2
    cpu:
      mode: host-passthrough
    disks:
      - target: vda
        source: /var/lib/libvirt/images/web.qcow2
        format: qcow2
    interfaces:
      - network: default
    serial_log: /var/log/libvirt/qemu/web-serial.log
    guest_agent: true

- name: More memory, by a restart
  mini.hypervisor.virt_domain:
    name: web
    memory: 4GiB
    restart: if_needed

- name: Remove the guest and its disk
  mini.hypervisor.virt_domain:
    name: web
    state: absent
    remove_storage: [vda]
"""

RETURN = r"""
domain:
  description:
    - The definition of the domain after the run (in check mode, before it); empty where it is absent. Sizes in bytes.
  returned: success
  type: dict
  sample:
    name: web
    uuid: 1b4e28ba-2fa1-41d2-883f-0016d3cca427
    state: running
    state_reason: ""
    autostart: false
    persistent: true
    type: kvm
    memory: 3040870400
    vcpus: 2
changes:
  description: Each value that changed, or would change.
  returned: success
  type: list
  elements: dict
  sample:
    - {path: vcpus, before: 1, after: 2, applied: next_boot}
restart_required:
  description: Whether the running domain differs from its definition after the run.
  returned: success
  type: bool
  sample: false
"""

from typing import Any, Mapping

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import CONNECTION, Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._domain import domain
from ansible_collections.mini.hypervisor.plugins.module_utils._domain.properties import PROPERTIES
from ansible_collections.mini.hypervisor.plugins.module_utils._libvirt.connection import connected
from ansible_collections.mini.hypervisor.plugins.module_utils._xml.properties import argument_spec

SPEC = {
    **CONNECTION,
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "running", "shutdown", "paused", "absent"], "default": "running"},
    "xml": {"type": "str"},
    **argument_spec(PROPERTIES),
    "autostart": {"type": "bool"},
    "restart": {"type": "str", "choices": ["never", "if_needed"], "default": "never"},
    "live": {"type": "bool", "default": True},
    "remove_unlisted_devices": {"type": "bool", "default": False},
    "managed_save": {"type": "str", "choices": ["refuse", "discard", "keep"], "default": "refuse"},
    "shutdown_timeout": {"type": "int", "default": 120},
    "force": {"type": "bool", "default": False},
    "remove_storage": {"type": "list", "elements": "str", "default": []},
    "discard": {"type": "list", "elements": "str", "choices": ["managed_save", "snapshots", "nvram"], "default": []},
    "validate": {"type": "bool", "default": True},
}


def converge(request: Request) -> Mapping[str, Any]:
    """The module's work, on a connection that is read-only in check mode."""
    return connected(
        lambda connection: domain.converge(connection, request.params, request.check_mode),
        request.params,
        readonly=request.check_mode,
    )


def main() -> None:
    """Entry point."""
    run(SPEC, converge)


if __name__ == "__main__":
    main()
