#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: virt_host_info
short_description: Read what a hypervisor is, and prove what accelerates its guests
description:
  - Returns the machine, the versions, libvirt's daemons, what the host itself runs under, the accelerators, and the
    networks that guests can have without privileges.
  - An accelerator is usable where a tiny guest ran on it to a known answer in time. That C(/dev/kvm) exists and opens,
    and that libvirt offers KVM, does not mean that a guest runs.
  - The proof is made once per boot of the host, and again when its kernel or QEMU changes.
  - Works where libvirt is not installed or does not answer, too. What it would have told is null then, and
    RV(host.problems) says what is missing and what to do.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - mini.hypervisor.libvirt
  - mini.hypervisor.attributes.info
options:
  accelerators:
    description:
      - The accelerators to examine. V(tcg), QEMU's translator, also shows that the proof itself works on this host.
      - The one that O(accelerator) requires is always examined.
    type: list
    elements: str
    choices: [kvm, tcg]
    default: [kvm, tcg]
  accelerator:
    description:
      - The accelerator that guests shall have.
      - V(auto) takes the best usable one, and RV(host.accelerator_reason) tells why it is that one.
      - Any other is a requirement. Where it is not usable the module fails with the reason (code
        V(ACCELERATOR_UNUSABLE)).
    type: str
    choices: [auto, kvm, tcg]
    default: auto
  refresh:
    description: Whether to make the proofs anew, even those that were made since the host booted.
    type: bool
    default: false
  trust_unproven:
    description:
      - Whether an accelerator counts as usable where it is there, and this module has no proof for the architecture of
        the host. There is one for x86_64.
    type: bool
    default: false
notes:
  - The machine is the one on which the module runs, also where O(uri) names another one.
  - The libraries are not required, only recommended.
seealso:
  - module: mini.hypervisor.virt_daemon
"""

EXAMPLES = r"""
- name: See what guests would run on
  mini.hypervisor.virt_host_info:
  register: info

- name: Show it
  ansible.builtin.debug:
    msg: "{{ info.host.accelerator }}, because {{ info.host.accelerator_reason }}"

- name: Refuse a machine that cannot run guests at the speed of its processor
  mini.hypervisor.virt_host_info:
    accelerator: kvm
"""

RETURN = r"""
host:
  description: The hypervisor. Sizes are in bytes.
  returned: success
  type: dict
  contains:
    hostname:
      description: The name of the host.
      returned: success
      type: str
    os:
      description: The distribution by its C(id), C(version) and C(pretty) name.
      returned: success
      type: dict
    kernel:
      description: The release of the kernel.
      returned: success
      type: str
    arch:
      description: The architecture, as the kernel names it.
      returned: success
      type: str
    node:
      description:
        - The processors (C(cores) per socket, C(threads) per core), NUMA nodes and memory.
        - C(tsc_khz) is the frequency of the time stamp counter, null where it is not certain.
      returned: success
      type: dict
    versions:
      description: The versions of libvirt, QEMU, libvirt's Python library and the kernel. Null where there is none.
      returned: success
      type: dict
    accelerators:
      description:
        - A verdict on each accelerator that was examined.
        - C(offered) tells whether libvirt offers it, null where libvirt does not answer.
        - C(proof) is null where something obvious stands against the accelerator, or the architecture has no proof.
        - C(cached) tells whether the proof was made by an earlier run.
      returned: success
      type: list
      elements: dict
    accelerator:
      description: The accelerator that guests shall have. Null where none is usable.
      returned: success
      type: str
    accelerator_reason:
      description: Why it is that one.
      returned: success
      type: str
    user_networks:
      description:
        - A verdict on each network that guests can have without privileges, C(name), C(usable) and C(reason), best
          first.
        - V(passt) needs a libvirt that offers it, and the program of that name. V(slirp) is in QEMU itself, unless it
          was built without it.
        - libvirt tells it to those only who may make domains. Where it does not, none is usable.
      returned: success
      type: list
      elements: dict
    virtualization:
      description:
        - What the host itself runs under. C(under) is V(none) on bare metal, and V(unknown) where only the processor
          tells of a hypervisor. C(container) is null outside of a container.
      returned: success
      type: dict
    daemons:
      description: libvirt's daemons that are installed, whether each runs, and whether its socket accepts clients.
      returned: success
      type: list
      elements: dict
    user:
      description: The user of the module, its home directory and groups in effect, and whether it may manage guests.
      returned: success
      type: dict
    problems:
      description: What is missing, and what to do; empty on a hypervisor that is ready.
      returned: success
      type: list
      elements: str
  sample:
    hostname: lab
    os: {id: debian, version: "12", pretty: Debian GNU/Linux 12 (bookworm)}
    kernel: 6.1.0-37-amd64
    arch: x86_64
    node:
      cpu_model: Intel(R) Xeon(R) Processor
      cpus: 2
      sockets: 1
      cores: 2
      threads: 1
      numa_nodes: 1
      memory: 8331546624
      memory_free: 6442450944
      tsc_khz: 2445404
    versions: {libvirt: 9.0.0, qemu: 7.2.22, libvirt_python: 9.0.0, kernel: 6.1.0-37-amd64}
    accelerators:
      - name: kvm
        usable: false
        reason: "-cpu host: QEMU stopped: error: failed to set MSR 0x10a to 0x0; -cpu qemu64: the guest did
          not run its first instruction within 3.5 s"
        offered: true
        proof:
          command: [timeout, --signal=KILL, "3.5", /usr/bin/qemu-system-x86_64, -accel, kvm, -cpu, host]
          seconds: 0.2
          expected: fc509a9eb8687970
          answer: null
        cached: true
      - name: tcg
        usable: true
        reason: guest code ran to the right answer in 0.14 s
        offered: true
        proof:
          command: [timeout, --signal=KILL, "8.0", /usr/bin/qemu-system-x86_64, -accel, tcg, -cpu, qemu64]
          seconds: 0.14
          expected: fc509a9eb8687970
          answer: fc509a9eb8687970
        cached: true
    accelerator: tcg
    accelerator_reason: "kvm is not usable: -cpu host: QEMU stopped: error: failed to set MSR 0x10a to 0x0;
      -cpu qemu64: the guest did not run its first instruction within 3.5 s"
    user_networks:
      - {name: passt, usable: false, reason: this libvirt or QEMU is too old for it}
      - {name: slirp, usable: true, reason: QEMU has it in itself}
    virtualization:
      under: kvm
      container: null
      evidence:
        cpuid_hypervisor_flag: true
        dmi: QEMU Standard PC (Q35 + ICH9, 2009)
        sys_hypervisor: null
        systemd_detect_virt_vm: kvm
        systemd_detect_virt_container: none
        container_marks: []
    daemons:
      - {name: libvirtd, socket: /run/libvirt/libvirt-sock, running: true, listening: true}
    user: {name: root, home: /root, groups: [root], may_manage: true}
    problems: []
"""

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import CONNECTION, Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._host import facts
from ansible_collections.mini.hypervisor.plugins.module_utils._host.accelerator import BEST_FIRST

SPEC = {
    **CONNECTION,
    "accelerators": {"type": "list", "elements": "str", "choices": list(BEST_FIRST), "default": list(BEST_FIRST)},
    "accelerator": {"type": "str", "choices": ["auto", *BEST_FIRST], "default": "auto"},
    "refresh": {"type": "bool", "default": False},
    "trust_unproven": {"type": "bool", "default": False},
}


def read(request: Request) -> dict:
    """The module's work; it needs no library to tell that one is missing."""
    return {"host": facts.gather(request.params)}


def main() -> None:
    """Entry point."""
    run(SPEC, read, libraries=())


if __name__ == "__main__":
    main()
