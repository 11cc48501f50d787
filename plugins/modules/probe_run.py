#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: probe_run
short_description: Boot a probe guest for seconds, and run sysbench in it
description:
  - Boots a small Linux guest by QEMU, without libvirt and without an image, runs tests of sysbench in it, and ends it.
  - The guest is a Linux kernel with an initramfs that holds this machine's own sysbench with its libraries, so that
    a run on the machine itself differs in nothing but the machine. It boots in about two seconds without KVM.
  - Several guests at once show what they cost each other. They run each test at the same time.
  - Nothing is left behind but the kernel and the initramfs in O(directory). A guest ends with the module, however
    that ends, and so do the control groups of O(quota) and O(shares). Those of a run that was killed are removed by the
    next.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
requirements:
  - QEMU's system emulator for x86_64
  - sysbench >= 1.0, < 1.2
  - util-linux
  - a kernel, and busybox; both are fetched by apt, without installing them, where they are missing
attributes:
  check_mode:
    description: Whether the module predicts its result without changing anything.
    support: full
    details:
      - No guest boots. What is known without one is returned, the accelerators included, and whether a control group
        can be made, which is found out by making one and removing it.
  diff_mode:
    description: Whether the module returns what changed, or would change.
    support: none
    details:
      - A measurement has no before and after.
  idempotent:
    description: Whether a second run with the same options changes nothing.
    support: full
    details:
      - A measurement changes nothing. What is kept in O(directory) is a cache.
  platform:
    description: The operating systems on which the module runs.
    support: full
    platforms: linux
options:
  tests:
    description:
      - The tests, in their order. Each is a dictionary of options of M(mini.hypervisor.sysbench_run), and a C(name).
      - V(fileio) takes a O(disk), on which its single file is prepared.
    type: list
    elements: dict
    default: []
  accelerator:
    description:
      - V(kvm) and V(tcg) are requirements. V(auto) takes KVM where it is proven to run guests on this host, else TCG.
    type: str
    choices: [auto, kvm, tcg]
    default: auto
  machine:
    description: QEMU's machine type, with its properties, such as V(q35) or V(pc,hpet=off).
    type: str
    default: q35
  cpu:
    description:
      - QEMU's CPU model, with its features, such as V(Nehalem) or V(max,-avx2).
      - Where it is not given, V(host) under KVM, and V(qemu64) under TCG.
    type: str
  vcpus:
    description: The number of virtual CPUs.
    type: int
    default: 1
  memory:
    description: The memory in MiB.
    type: int
    default: 256
  tcg_thread:
    description: Whether TCG runs each virtual CPU in a thread of its own. QEMU decides where it is not given.
    type: str
    choices: [single, multi]
  tb_size:
    description: The size of TCG's cache of translated code in MiB. QEMU decides where it is not given.
    type: int
  kernel_arguments:
    description: More arguments for the guest's kernel, such as V(tsc=reliable).
    type: str
    default: ""
  hugepages:
    description: Whether the memory consists of huge pages, which the host has to have reserved (RV(probe.hugepages)).
    type: bool
    default: false
  disk:
    description:
      - A virtio disk for each guest, on a file in O(directory) that has no name and is gone afterwards. The guest makes
        a filesystem without a journal on it.
      - Its driver is a module of the distribution's kernel, which apt fetches for it. A O(kernel) that is given must
        have it built in.
    type: dict
    suboptions:
      size:
        description: The MiB of the file that tests work on; the disk is a little larger.
        type: int
        default: 64
      cache:
        description: How QEMU uses the host's cache. QEMU decides where it is not given.
        type: str
        choices: [none, writeback, writethrough, directsync, unsafe]
      aio:
        description:
          - How QEMU reads and writes the file. V(native) takes a O(disk.cache) that leaves out the host's cache.
        type: str
        choices: [threads, native, io_uring]
      iothread:
        description: Whether a thread of its own serves the disk.
        type: bool
        default: false
  count:
    description: The number of guests. They are all alike.
    type: int
    default: 1
  guests:
    description: The guests, where they are not alike. What one does not say is as for all.
    type: list
    elements: dict
    default: []
    suboptions:
      tests:
        description: Its tests, as many as the others have.
        type: list
        elements: dict
      vcpus:
        description: The number of its virtual CPUs.
        type: int
      memory:
        description: Its memory in MiB.
        type: int
      cpus:
        description: The CPUs of the host on which its threads may run.
        type: list
        elements: int
      nice:
        description: The niceness of its threads.
        type: int
      quota:
        description: Its O(quota).
        type: int
      shares:
        description: Its O(shares).
        type: int
  cpus:
    description: The CPUs of the host on which the threads of the guests may run. On all where it is empty.
    type: list
    elements: int
    default: []
  nice:
    description: The niceness of the guests' threads, 0 to 19.
    type: int
    default: 0
  quota:
    description:
      - The processor time that each guest may have while its tests run, in percent of a CPU, at least 5.
      - It takes root and a control group, which is there as long as the guest. RV(probe.cpu_limits) tells whether the
        host has such groups.
    type: int
  shares:
    description:
      - What each guest counts against others while its tests run, where they want the same processors, 2 to 262144.
        Who has none counts 1024. Where control groups are of version 2, the weight is as much of its usual 100.
      - It takes the same as O(quota).
    type: int
  perf:
    description:
      - Whether events of QEMU's threads are counted while a test runs, as by C(perf stat), which need not be installed.
      - Those are counted that RV(probe.counters) has as available.
    type: bool
    default: false
  timeout:
    description:
      - The seconds after which guests that are not done are killed, and the module fails.
      - Where it is not given, 60 seconds, and for each test its time and 30 seconds more.
    type: int
  directory:
    description:
      - Where the kernel and the initramfs are kept.
      - Where it is not given, C(/var/cache/mini-hypervisor/probe) for root, and C(~/.cache/mini-hypervisor/probe) for
        others.
    type: path
  kernel:
    description:
      - The guest's kernel, which has to have the serial console built in.
      - Where it is not given, the newest one in C(/boot) that can be read, else the distribution's kernel for virtual
        machines, which apt fetches.
    type: path
  qemu:
    description:
      - QEMU, a name on the search path or a path.
      - V(backports) is the newer one of the distribution's backports. It is fetched by apt into O(directory), and runs
        from there with its own libraries and firmware. Nothing is installed, and the host's own QEMU and list of
        package sources stay as they are. In check mode it is not fetched.
    type: str
    default: qemu-system-x86_64
"""

EXAMPLES = r"""
- name: Measure a guest under the best accelerator of this machine
  mini.hypervisor.probe_run:
    tests:
      - {name: cpu, test: cpu, time: 3}
      - {name: memory, test: memory, time: 3}
  register: guest

- name: Measure what a second virtual CPU does to the clock of an emulated guest
  mini.hypervisor.probe_run:
    accelerator: tcg
    vcpus: 2
    tests: [{test: memory, time: 2}]

- name: Measure a disk without the host's cache
  mini.hypervisor.probe_run:
    disk: {cache: none, aio: native}
    tests: [{test: fileio, time: 3, file_test_mode: rndrw, file_block_size: 4096, file_extra_flags: [direct]}]

- name: Measure with the QEMU of the distribution's backports, without installing it
  mini.hypervisor.probe_run:
    qemu: backports
    tests: [{test: cpu, time: 3}]

- name: See what a noisy neighbour takes from a guest on the same processor
  mini.hypervisor.probe_run:
    tests: [{test: cpu, time: 5}]
    guests:
      - cpus: [0]
      - cpus: [0]
        nice: 10

- name: See whether shares protect a guest from it
  mini.hypervisor.probe_run:
    tests: [{test: cpu, time: 5}]
    cpus: [0]
    guests:
      - shares: 2048
      - shares: 256
"""

RETURN = r"""
msg:
  description: What would run.
  returned: in check mode
  type: str
  sample: Would boot 1 probe guest(s) under tcg, and run cpu, memory there.
probe:
  description: What was measured, and on what.
  returned: success
  type: dict
  contains:
    accelerator:
      description: The accelerator that the guests ran under.
      type: str
      returned: success
      sample: tcg
    accelerator_reason:
      description: Why that one.
      type: str
      returned: success
      sample: "kvm is not usable: /dev/kvm does not exist"
    accelerators:
      description: The accelerators that were examined, as of M(mini.hypervisor.virt_host_info).
      type: list
      elements: dict
      returned: success
      sample: [{name: tcg, usable: true, reason: guest code ran to the right answer in 0.4 s}]
    qemu:
      description: The path and version of QEMU.
      type: dict
      returned: success
      sample: {path: /usr/bin/qemu-system-x86_64, version: 7.2.22}
    counters:
      description:
        - The events that this host can count, found out by trying, and the reason where it cannot. Of the processor's
          those of programs are counted, not those of the kernel.
      type: list
      elements: dict
      returned: success
      sample: [{name: cycles, what: cycles, available: false, reason: "perf_event_open: No such file or directory"}]
    environment:
      description: The host, as of RV(mini.hypervisor.sysbench_run#module:sysbench.environment).
      type: dict
      returned: success
      sample: {kernel: 6.1.0-31-amd64, cpus: 2}
    usable_cpus:
      description: The numbers of the host's CPUs on which guests may run.
      type: list
      elements: int
      returned: success
      sample: [0, 1]
    tsc_khz:
      description: The frequency of the host's time stamp counter in kHz, where it is certain. Emulated guests see it.
      type: int
      returned: success
      sample: 2445406
    hugepages:
      description: The size of the host's huge pages in KiB, and how many MiB of them are reserved and free.
      type: dict
      returned: success
      sample: {size_kib: 2048, total_mib: 0, free_mib: 0}
    cpu_limits:
      description: The C(reason) why guests cannot have O(quota) and O(shares) here, empty where they can.
      type: dict
      returned: success
      sample: {reason: "no control groups are mounted that limit processors"}
    image:
      description:
        - The paths and digests of the kernel and the initramfs, and in C(programs) those of the host's programs that
          are in it.
      type: dict
      returned: when guests ran
      sample: {kernel: /boot/vmlinuz-6.1.0-31-amd64, initrd: /var/cache/mini-hypervisor/probe/initrd-8c2f.gz}
    started:
      description: When the guests started, UTC.
      type: str
      returned: when guests ran
      sample: "2026-01-31T12:00:00Z"
    wall_time_s:
      description: The time from their start to their end, in seconds.
      type: float
      returned: when guests ran
      sample: 6.1
    load_average:
      description: The host's load averages before and after.
      type: dict
      returned: when guests ran
      sample: {before: [0.1, 0.2, 0.2], after: [0.3, 0.2, 0.2]}
    cpu_percent:
      description: How the host's processors spent the time meanwhile, in percent.
      type: dict
      returned: when guests ran
      sample: {user: 50.1, idle: 49.6, steal: 0.0}
    guests:
      description: Each guest. In check mode there is none.
      type: list
      elements: dict
      returned: success
      contains:
        name:
          description: Its name.
          type: str
          returned: success
          sample: probe guest 1
        command:
          description: The command that ran it.
          type: list
          elements: str
          returned: success
          sample: [setpriv, --pdeathsig, KILL, /usr/bin/qemu-system-x86_64]
        settings:
          description: The machine, in parts.
          type: dict
          returned: success
          sample: {accelerator: tcg, machine: q35, cpu: qemu64, vcpus: 1, memory_mib: 256}
        boot_s:
          description: The seconds from the start of QEMU until the guest's first process ran.
          type: float
          returned: success
          sample: 2.31
        environment:
          description:
            - The guest, before the first test and after the last, with the keys of
              RV(mini.hypervisor.sysbench_run#module:sysbench.environment).
          type: dict
          returned: success
          sample: {last: {kernel: 6.1.0-31-cloud-amd64, cpus: 1, clock_source: {current: tsc, available: [tsc, hpet]}}}
        runs:
          description:
            - The result of each test, with the keys of RV(mini.hypervisor.sysbench_run#module:sysbench) that sysbench
              itself prints.
            - C(host_time_s) is its time by the host's clock, C(vcpu_threads) how long each thread of a virtual CPU ran
              and waited for a processor of the host, C(wait_percent) the share that all of them waited, and
              C(run_percent) how much they ran in percent of a CPU.
            - With O(perf), C(perf) has how often each event of RV(probe.counters) happened in the C(elapsed_s) seconds
              that all of this covers; null where the processor had no counter free for it.
          type: list
          elements: dict
          returned: success
          sample: [{name: cpu, events_per_second: 231.4, host_time_s: 3.01, run_percent: 99.1, wait_percent: 0.4}]
"""

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._probe.run import probe_run

OPTIONS = {
    "tests": {"type": "list", "elements": "dict", "default": []},
    "accelerator": {"type": "str", "choices": ["auto", "kvm", "tcg"], "default": "auto"},
    "machine": {"type": "str", "default": "q35"},
    "cpu": {"type": "str"},
    "vcpus": {"type": "int", "default": 1},
    "memory": {"type": "int", "default": 256},
    "tcg_thread": {"type": "str", "choices": ["single", "multi"]},
    "tb_size": {"type": "int"},
    "kernel_arguments": {"type": "str", "default": ""},
    "hugepages": {"type": "bool", "default": False},
    "disk": {
        "type": "dict",
        "options": {
            "size": {"type": "int", "default": 64},
            "cache": {"type": "str", "choices": ["none", "writeback", "writethrough", "directsync", "unsafe"]},
            "aio": {"type": "str", "choices": ["threads", "native", "io_uring"]},
            "iothread": {"type": "bool", "default": False},
        },
    },
    "count": {"type": "int", "default": 1},
    "guests": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "tests": {"type": "list", "elements": "dict"},
            "vcpus": {"type": "int"},
            "memory": {"type": "int"},
            "cpus": {"type": "list", "elements": "int"},
            "nice": {"type": "int"},
            "quota": {"type": "int"},
            "shares": {"type": "int"},
        },
    },
    "cpus": {"type": "list", "elements": "int", "default": []},
    "nice": {"type": "int", "default": 0},
    "quota": {"type": "int"},
    "shares": {"type": "int"},
    "perf": {"type": "bool", "default": False},
    "timeout": {"type": "int"},
    "directory": {"type": "path"},
    "kernel": {"type": "path"},
    "qemu": {"type": "str", "default": "qemu-system-x86_64"},
}


def work(request: Request) -> dict:
    """The module's work."""
    return probe_run(request.params, request.check_mode)


def main() -> None:
    """Entry point."""
    run(OPTIONS, work, libraries=())


if __name__ == "__main__":
    main()
