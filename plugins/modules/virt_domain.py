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
  - What libvirt and QEMU can change in a running guest changes at once, all else when it boots next. RV(changes) tells
    which, RV(restart_required) whether something waits, and O(restart=if_needed) restarts the guest for it.
  - The definition is never removed to be written again, and its UUID and MAC addresses stay.
  - A disk that lies on the overlay of an external snapshot stays there. Leave its source out, or give the overlay,
    until M(mini.hypervisor.virt_snapshot) has merged it (its state C(absent)).
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
        The addresses that its cards had leased from libvirt networks of this machine are free at once.
    type: str
    choices: [present, running, shutdown, paused, absent]
    default: running
  xml:
    description:
      - A whole C(<domain>) document, for what has no option. The other options refine it.
      - It changes the domain exactly where defining it would store something else. What it does not state is removed
        or becomes libvirt's default. The UUID and the MAC addresses stay, and so does what libvirt adds by itself, such
        as controllers and addresses.
      - Check mode can neither read passwords, which it takes for unchanged, nor have libvirt validate the document.
    type: str
  type:
    description:
      - How the guest is run, V(kvm) or V(qemu) (emulated by TCG). V(test) is for libvirt's test driver.
      - "Needed for a new domain without O(xml). Another type is another domain: remove it first."
    type: str
    choices: [kvm, qemu, test]
  title:
    description: A short title, which changes at once. An empty one removes it.
    type: str
  description:
    description: A description, which changes at once. An empty one removes it.
    type: str
  metadata:
    description: Facts to keep with the domain, names and strings. They replace those that it has, at once.
    type: dict
  genid:
    description:
      - The UUID by which a guest notices that it is another copy (the VM Generation ID). An empty one removes it.
    type: str
  memory:
    description:
      - The memory that the guest boots with, such as V(2900MiB); a bare number is KiB. QEMU gives whole MiB.
      - What O(memory_devices) plug in comes on top of it. With several cells in O(cpu.numa) it is their sum; one cell
        follows it.
      - Needed for a new domain without O(xml).
    type: str
  current_memory:
    description:
      - The memory that the balloon leaves to the guest, which changes at once.
      - It follows O(memory) where that changes and this is not given.
    type: str
  max_memory:
    description:
      - The most memory that O(memory) and O(memory_devices) can be together. Needed for plugging memory in, with
        O(memory_slots) and at least one cell in O(cpu.numa).
    type: str
  memory_slots:
    description: How many memory devices can be plugged in.
    type: int
  memory_backing:
    description: Where the hypervisor takes the guest's memory from. All of it takes effect when the guest boots next.
    type: dict
    suboptions:
      hugepages:
        description: Whether it consists of huge pages, which the hypervisor has to have reserved.
        type: bool
      hugepage_size:
        description:
          - The size of these pages, such as V(2MiB) or V(1GiB). It is the hypervisor's default where this is not given.
        type: str
      nosharepages:
        description: Whether the hypervisor must not merge the guest's pages with equal ones (KSM).
        type: bool
      locked:
        description:
          - Whether it is never swapped out. Set O(memtune.hard_limit) as well, or the guest may take all memory.
        type: bool
      source:
        description: The kind of memory. V(memfd) or V(file) can be shared with other processes.
        type: str
        choices: [file, anonymous, memfd]
      access:
        description: Whether other processes, such as that of virtiofs, see what the guest writes.
        type: str
        choices: [shared, private]
      allocation:
        description: Whether all of it is allocated at the start, or each page when it is used.
        type: str
        choices: [immediate, ondemand]
      discard:
        description: Whether the content is dropped when the guest ends, instead of written back to its file.
        type: bool
  max_vcpus:
    description:
      - The most virtual processors that can be plugged in. It takes effect when the guest boots next.
      - A new domain has as many as O(vcpus), and O(vcpus) raises it where it is too small.
    type: int
  vcpus:
    description:
      - The number of virtual processors. A new domain has 1 where this is not given.
      - Up to O(max_vcpus), processors are plugged into a running guest, and with KVM also taken out again.
    type: int
  cpuset:
    description:
      - The processors of the hypervisor on which the guest may run, such as V(0-3,^2). An empty set removes the limit.
      - It takes effect when the guest boots next; O(cputune.vcpupin) and O(cputune.emulatorpin) do at once.
    type: str
  cpu:
    description: The processor that the guest sees. All of it takes effect when the guest boots next.
    type: dict
    suboptions:
      mode:
        description:
          - Where its features come from. With V(custom) they are those of O(cpu.model). Another mode drops what
            belonged to the former one, such as the model.
        type: str
        choices: [host-passthrough, host-model, maximum, custom]
      model:
        description: The name of a CPU model, such as V(Nehalem).
        type: str
      check:
        description: How much libvirt checks that the guest gets the processor that was asked for.
        type: str
        choices: [none, partial, full]
      migratable:
        description: Whether V(host-passthrough) and V(maximum) leave out features that prevent migration.
        type: bool
      vendor_id:
        description: The vendor that the guest sees, 12 characters.
        type: str
      cache:
        description: The processor cache that the guest sees.
        type: dict
        suboptions:
          mode:
            description: Whether it is made up, the hypervisor's own (with V(host-passthrough) only), or none.
            type: str
            choices: [emulate, passthrough, disable]
          level:
            description: The level that is made up.
            type: int
      topology:
        description: How the processors are arranged. The product of its members has to be O(max_vcpus).
        type: dict
        suboptions:
          sockets:
            description: The number of sockets.
            type: int
          dies:
            description: The number of dies in a socket, 1 where this is not given.
            type: int
          cores:
            description: The number of cores in a die.
            type: int
          threads:
            description: The number of threads of a core.
            type: int
      features:
        description: Features, each known by its name. Those that are not listed are left alone.
        type: list
        elements: dict
        suboptions:
          name:
            description: The name, such as V(vmx).
            type: str
            required: true
          policy:
            description: Whether the guest has it. A new feature is V(require) where this is not given.
            type: str
            choices: [force, require, optional, disable, forbid]
          state:
            description: V(absent) takes it away.
            type: str
            choices: [present, absent]
            default: present
      numa:
        description: NUMA cells of the guest, each known by its number. Those that are not listed are left alone.
        type: list
        elements: dict
        suboptions:
          id:
            description: The number, from 0 and without gaps.
            type: int
            required: true
          cpus:
            description: Its processors, such as V(0-1).
            type: str
          memory:
            description: Its memory, such as V(1GiB); a bare number is KiB.
            type: str
          mem_access:
            description: Whether other processes see what the guest writes into its memory.
            type: str
            choices: [shared, private]
          state:
            description: V(absent) takes it away.
            type: str
            choices: [present, absent]
            default: present
  iothreads:
    description: The number of threads that do the input and output of disks, which changes at once. 0 is none.
    type: int
  numatune:
    description: The NUMA nodes of the hypervisor that give the guest its memory.
    type: dict
    suboptions:
      mode:
        description: How strictly they do. It takes effect when the guest boots next.
        type: str
        choices: [strict, preferred, interleave, restrictive]
      nodeset:
        description:
          - The nodes, such as V(0-1). They change at once where O(numatune.mode) is V(strict) or V(restrictive).
        type: str
      memnodes:
        description:
          - Nodes for single cells of the guest, each known by the cell. They take effect when the guest boots next.
        type: list
        elements: dict
        suboptions:
          cellid:
            description: The number of the cell in O(cpu.numa).
            type: int
            required: true
          mode:
            description: How strictly the nodes give it memory. It is V(strict) where this is not given.
            type: str
            choices: [strict, preferred, interleave, restrictive]
          nodeset:
            description: The nodes.
            type: str
          state:
            description: V(absent) takes it away.
            type: str
            choices: [present, absent]
            default: present
  cputune:
    description:
      - The share of the hypervisor's processors that the guest gets, and where its threads run. All of it changes at
        once, and 0 takes a number away.
    type: dict
    suboptions:
      shares:
        description: The weight among the guests of the hypervisor. One that is taken away stays until the next boot.
        type: int
      period:
        description: The microseconds in which a virtual processor may run for O(cputune.quota), from 1000 to 1000000.
        type: int
      quota:
        description: The microseconds that a virtual processor may run in a period, at least 1000; V(-1) is no limit.
        type: int
      global_period:
        description: The period for the whole guest.
        type: int
      global_quota:
        description: The quota of the whole guest.
        type: int
      emulator_period:
        description: The period for QEMU's own threads.
        type: int
      emulator_quota:
        description: The quota of QEMU's own threads.
        type: int
      iothread_period:
        description: The period for the I/O threads.
        type: int
      iothread_quota:
        description: The quota of the I/O threads.
        type: int
      vcpupin:
        description:
          - Where single virtual processors run, each known by its number. Those that are not listed are left alone.
        type: list
        elements: dict
        suboptions:
          vcpu:
            description: The number of the virtual processor, from 0.
            type: int
            required: true
          cpuset:
            description: The processors of the hypervisor, such as V(0-3,^2).
            type: str
          state:
            description: V(absent) takes it away.
            type: str
            choices: [present, absent]
            default: present
      emulatorpin:
        description: The processors of the hypervisor for QEMU's own threads. An empty set removes the limit.
        type: str
      iothreadpin:
        description: Where single I/O threads run, each known by its number. Those that are not listed are left alone.
        type: list
        elements: dict
        suboptions:
          iothread:
            description: The number of the I/O thread, from 1.
            type: int
            required: true
          cpuset:
            description: The processors of the hypervisor.
            type: str
          state:
            description: V(absent) takes it away.
            type: str
            choices: [present, absent]
            default: present
  memtune:
    description:
      - Limits of the memory that the guest with its QEMU takes, which change at once. V(unlimited) removes one.
    type: dict
    suboptions:
      hard_limit:
        description: "What it never exceeds: QEMU is killed instead. Leave room for QEMU itself."
        type: str
      soft_limit:
        description: What it is held to where memory is short.
        type: str
      swap_hard_limit:
        description: What it never exceeds with swap, at least the hard limit.
        type: str
  blkiotune:
    description: The share of the hypervisor's disks that the guest gets.
    type: dict
    suboptions:
      weight:
        description:
          - The weight among the guests of the hypervisor, which changes at once. 0 removes it when the guest boots
            next.
        type: int
  arch:
    description: The architecture, such as V(x86_64). It is the hypervisor's where this is not given, and never changes.
    type: str
  machine:
    description:
      - The machine type. An alias (V(pc), V(q35), V(virt)) means any version of it. It takes effect when the guest
        boots next.
    type: str
  firmware:
    description:
      - The firmware, UEFI chosen by libvirt or the machine's own, SeaBIOS on PCs.
      - Another firmware drops what belonged to the former one, such as O(loader) and O(nvram).
    type: str
    choices: [bios, uefi]
  secure_boot:
    description:
      - Whether the UEFI boots only what is signed by the well-known keys. Needs O(firmware=uefi) and the machine type
        V(q35), and turns on System Management Mode.
    type: bool
  loader:
    description:
      - The path on the hypervisor of the firmware itself, in place of one that libvirt chooses. An empty one removes
        it.
    type: str
  loader_type:
    description: Whether that is mapped as flash or as ROM. A new loader is V(pflash) where this is not given.
    type: str
    choices: [pflash, rom]
  nvram:
    description: The path on the hypervisor of the file in which this guest's UEFI keeps its variables.
    type: str
  nvram_template:
    description: The path of the file from which it is made.
    type: str
  kernel:
    description: The path on the hypervisor of a kernel to boot directly. An empty one boots from the boot devices.
    type: str
  initrd:
    description: The path of its initial RAM disk. An empty one removes it.
    type: str
  cmdline:
    description: Its command line. An empty one removes it.
    type: str
  boot:
    description: The order of boot devices. It replaces the O(disks[].boot_order) of single devices.
    type: list
    elements: str
    choices: [hd, cdrom, network, fd]
  boot_menu:
    description: Whether the firmware offers a boot menu.
    type: bool
  boot_menu_timeout:
    description: The milliseconds for which it does.
    type: int
  bios_serial:
    description: Whether SeaBIOS writes to the first serial port.
    type: bool
  reboot_timeout:
    description: The milliseconds after which SeaBIOS boots again where no device can be booted. V(-1) is never.
    type: int
  clock:
    description: The guest's clock. All of it takes effect when the guest boots next.
    type: dict
    suboptions:
      offset:
        description: What it starts from. A new domain has V(utc). Another offset drops what belonged to the former one.
        type: str
        choices: [utc, localtime, timezone, variable]
      timezone:
        description: The name of the time zone, with O(clock.offset=timezone).
        type: str
      adjustment:
        description:
          - The seconds by which it differs from O(clock.basis), with O(clock.offset=variable). The guest changes them.
        type: int
      basis:
        description: What O(clock.adjustment) counts from.
        type: str
        choices: [utc, localtime]
      timers:
        description: Timers, each known by its name. Those that are not listed are left alone.
        type: list
        elements: dict
        suboptions:
          name:
            description: The name.
            type: str
            required: true
            choices: [platform, hpet, kvmclock, pit, rtc, tsc, hypervclock, armvtimer]
          present:
            description: Whether the guest has it.
            type: bool
          tickpolicy:
            description: What becomes of ticks that the guest missed.
            type: str
            choices: [delay, catchup, merge, discard]
          track:
            description: What it follows.
            type: str
            choices: [boot, guest, wall, realtime]
          frequency:
            description: The frequency in Hz of V(tsc).
            type: int
          mode:
            description: How V(tsc) is made.
            type: str
            choices: [auto, native, emulate, paravirt, smpsafe]
          state:
            description: V(absent) takes it away.
            type: str
            choices: [present, absent]
            default: present
  features:
    description:
      - What the machine offers. What is not given is left as it is, and all takes effect when the guest boots next.
    type: dict
    suboptions:
      acpi:
        description: Whether there is ACPI. A new domain has it.
        type: bool
      apic:
        description: Whether there is an APIC. A new domain has one.
        type: bool
      pae:
        description: Whether there is PAE, the physical address extension.
        type: bool
      hap:
        description: Whether the hypervisor's nested paging is used.
        type: bool
      smm:
        description: Whether there is System Management Mode.
        type: bool
      pmu:
        description: Whether there are performance counters.
        type: bool
      vmport:
        description: Whether VMware's port is emulated.
        type: bool
      vmcoreinfo:
        description: Whether the guest can tell the hypervisor where its crash notes are.
        type: bool
      pvspinlock:
        description: Whether spin locks are told to the hypervisor.
        type: bool
      kvm_hidden:
        description: Whether KVM is hidden from the guest.
        type: bool
      ioapic:
        description: Who emulates the I/O APIC.
        type: str
        choices: [kvm, qemu]
      gic_version:
        description: The version of the interrupt controller of ARM machines.
        type: str
        choices: ["2", "3", host]
      hyperv:
        description: What Windows knows of its own hypervisor. It runs faster with it.
        type: dict
        suboptions:
          mode:
            description: Whether the members tell what there is, or all that the hypervisor can offer is there.
            type: str
            choices: [custom, passthrough]
          relaxed:
            description: Whether timers may be late.
            type: bool
          vapic:
            description: Whether the interrupt controller is virtual.
            type: bool
          spinlocks:
            description: Whether spin locks are told to the hypervisor.
            type: bool
          vpindex:
            description: Whether a virtual processor knows its number.
            type: bool
          runtime:
            description: Whether it knows how long it has run.
            type: bool
          synic:
            description: Whether there is a synthetic interrupt controller.
            type: bool
          stimer:
            description: Whether there are synthetic timers.
            type: bool
          spinlock_retries:
            description: How often the guest tries before it tells, at least 4095.
            type: int
          stimer_direct:
            description: Whether these interrupt directly.
            type: bool
          reset:
            description: Whether the guest can reset itself.
            type: bool
          frequencies:
            description: Whether the guest knows the frequencies of TSC and APIC.
            type: bool
          reenlightenment:
            description: Whether the guest is told when these change.
            type: bool
          tlbflush:
            description: Whether it can have other processors flush their TLB.
            type: bool
          ipi:
            description: Whether it can interrupt several processors at once.
            type: bool
          evmcs:
            description: Whether nested guests are faster on Intel.
            type: bool
          avic:
            description: Whether it uses the interrupt hardware of AMD and Intel.
            type: bool
          vendor_id:
            description: The vendor that Windows sees, at most 12 characters. An empty one removes it.
            type: str
  pm:
    description: What the firmware tells the guest of sleeping.
    type: dict
    suboptions:
      suspend_to_mem:
        description: Whether it can suspend to memory.
        type: bool
      suspend_to_disk:
        description: Whether it can suspend to disk.
        type: bool
  on_poweroff:
    description: What happens when the guest powers off, which changes at once. QEMU knows V(destroy) and V(restart).
    type: str
    choices: [destroy, restart, preserve]
  on_reboot:
    description: What happens when the guest reboots, which changes at once. QEMU knows V(restart) and V(destroy).
    type: str
    choices: [destroy, restart, preserve]
  on_crash:
    description: What happens when the guest crashes, which changes at once.
    type: str
    choices: [destroy, restart, preserve, coredump-destroy, coredump-restart]
  disks:
    description:
      - Disks, each known by its target. Those that are not listed are left alone.
      - Disks on virtio, SCSI and USB are plugged into a running guest and taken out again.
    type: list
    elements: dict
    suboptions:
      target:
        description: The name of the device, such as V(vda).
        type: str
        required: true
      source:
        description:
          - The path of a file, or of a block device under C(/dev). An empty one ejects a medium.
          - Media of CD-ROM and floppy drives change at once, all else is another disk at the next boot.
        type: str
      volume:
        description: A volume of a libvirt pool, in place of a path.
        type: dict
        suboptions:
          pool:
            description: The name of the pool.
            type: str
            required: true
          volume:
            description: The name of the volume.
            type: str
            required: true
      network_source:
        description: An image that a server has, in place of a path.
        type: dict
        suboptions:
          protocol:
            description: How it is reached.
            type: str
            required: true
            choices: [nbd, iscsi, rbd, gluster, nfs, ssh, http, https, ftp, ftps, tftp]
          name:
            description: The name of the export, or the path on the server.
            type: str
          hosts:
            description: The servers.
            type: list
            elements: dict
            default: []
            suboptions:
              name:
                description: The name or address.
                type: str
                required: true
              port:
                description: The port. It is the protocol's own where this is not given.
                type: int
      device:
        description: The kind of device. A new one is V(disk) where this is not given.
        type: str
        choices: [disk, cdrom, floppy, lun]
      bus:
        description:
          - The bus. A new disk is on V(virtio) where this is not given. CD-ROM drives are on V(sata), V(scsi) or
            V(ide).
        type: str
        choices: [virtio, scsi, sata, ide, usb, fdc]
      format:
        description: The format of the content, which is never guessed. A new disk is V(raw) where this is not given.
        type: str
        choices: [qcow2, raw]
      cache:
        description: How QEMU uses the hypervisor's page cache. V(default) leaves it to QEMU.
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
      detect_zeroes:
        description: Whether zeroes that are written are stored as holes.
        type: str
        choices: ["off", "on", unmap]
      error_policy:
        description: What happens when the storage fails. V(enospace) pauses the guest where the storage is full.
        type: str
        choices: [stop, report, ignore, enospace]
      copy_on_read:
        description: Whether what is read from a backing image is copied into the disk.
        type: bool
      iothread:
        description: The number of the I/O thread, from 1 to O(iothreads).
        type: int
      queues:
        description: The number of queues of a virtio disk.
        type: int
      startup_policy:
        description: What happens when the medium of a drive is missing at the start.
        type: str
        choices: [mandatory, requisite, optional]
      rotation_rate:
        description: The revolutions per minute that the guest sees; 1 is an SSD. For SCSI, SATA and IDE.
        type: int
      removable:
        description: Whether the guest sees a USB or SCSI disk as removable.
        type: bool
      logical_block_size:
        description: The bytes of a block as the guest addresses it.
        type: int
      physical_block_size:
        description: The bytes of a block as the storage writes it.
        type: int
      iotune:
        description: Limits, which change at once. 0 removes one. A limit in all excludes those for reading and writing.
        type: dict
        suboptions:
          total_bytes_sec:
            description: The most bytes a second, such as V(10MiB), in all.
            type: str
          read_bytes_sec:
            description: The most bytes a second, such as V(10MiB), read.
            type: str
          write_bytes_sec:
            description: The most bytes a second, such as V(10MiB), written.
            type: str
          total_bytes_sec_max:
            description: The same for a burst.
            type: str
          read_bytes_sec_max:
            description: The same for a burst.
            type: str
          write_bytes_sec_max:
            description: The same for a burst.
            type: str
          total_bytes_sec_max_length:
            description: The seconds that such a burst may last, 1 where this is not given.
            type: int
          read_bytes_sec_max_length:
            description: The seconds that such a burst may last, 1 where this is not given.
            type: int
          write_bytes_sec_max_length:
            description: The seconds that such a burst may last, 1 where this is not given.
            type: int
          total_iops_sec:
            description: The most requests a second in all.
            type: int
          read_iops_sec:
            description: The most requests a second for reading.
            type: int
          write_iops_sec:
            description: The most requests a second for writing.
            type: int
          total_iops_sec_max:
            description: The same for a burst.
            type: int
          read_iops_sec_max:
            description: The same for a burst.
            type: int
          write_iops_sec_max:
            description: The same for a burst.
            type: int
          total_iops_sec_max_length:
            description: The seconds that such a burst may last, 1 where this is not given.
            type: int
          read_iops_sec_max_length:
            description: The seconds that such a burst may last, 1 where this is not given.
            type: int
          write_iops_sec_max_length:
            description: The seconds that such a burst may last, 1 where this is not given.
            type: int
          size_iops_sec:
            description: The bytes that count as one request; a larger one counts as several.
            type: str
          group_name:
            description: The name of a group of disks that share their limits.
            type: str
      serial:
        description: The serial number that the guest sees. An empty one removes it.
        type: str
      wwn:
        description: The World Wide Name that the guest sees, 16 hexadecimal digits.
        type: str
      readonly:
        description: Whether the guest can only read.
        type: bool
      shareable:
        description: Whether several guests may have it at the same time.
        type: bool
      boot_order:
        description: The position among the boot devices, from 1. It replaces O(boot).
        type: int
      state:
        description: V(absent) takes it away.
        type: str
        choices: [present, absent]
        default: present
  interfaces:
    description:
      - Network cards, each known by its MAC address. Those that are not listed are left alone.
      - Cards are plugged into a running guest and taken out again. One is plugged into one of V(network), V(bridge),
        V(direct), V(user) and V(passt).
    type: list
    elements: dict
    suboptions:
      mac:
        description:
          - The MAC address. Where this is not given, it is that of the card at the same position, or, for a new card,
            one computed from the names of the hypervisor and the domain.
        type: str
      network:
        description: The libvirt network it is plugged into, which changes at once.
        type: str
      bridge:
        description: The bridge of the hypervisor it is plugged into, which changes at once.
        type: str
      direct:
        description:
          - A card of the hypervisor beside which it has one of its own (macvtap). The hypervisor itself is not reached
            that way.
        type: dict
        suboptions:
          dev:
            description: The hypervisor's card.
            type: str
            required: true
          mode:
            description: How the guests on that card reach each other.
            type: str
            choices: [bridge, vepa, private, passthrough]
            default: bridge
      user:
        description: Whether it is on a network that QEMU makes without privileges (slirp).
        type: bool
      passt:
        description:
          - Whether it is on a network that passt makes without privileges. libvirt 9.0 does not accept it yet, and the
            program has to be installed, which RV(mini.hypervisor.virt_host_info#module:host.user_networks) tells.
        type: bool
      port_forwards:
        description:
          - Ports of the hypervisor that passt leads to the guest. They replace those that the card has, when the guest
            boots next; an empty list removes them.
        type: list
        elements: dict
        suboptions:
          proto:
            description: The protocol.
            type: str
            choices: [tcp, udp]
            default: tcp
          address:
            description:
              - The address of the hypervisor at which passt listens, such as V(127.0.0.1). It listens at all of them
                where this is not given, so that everybody who reaches the hypervisor reaches the guest.
            type: str
          dev:
            description:
              - The interface of the hypervisor at which passt listens. Old releases of passt, as in Debian 12, take one
                together with an address only.
            type: str
          ports:
            description: The ports. They are all that passt may open where none is given but those to leave out.
            type: list
            elements: dict
            default: []
            suboptions:
              start:
                description: The first port.
                type: int
                required: true
              end:
                description: The last port. It is the first one where this is not given.
                type: int
              to:
                description: The guest's port that the first one leads to. It is the same port where this is not given.
                type: int
              exclude:
                description: Whether these ports are left out of a range.
                type: bool
                default: false
      portgroup:
        description: The port group of the network.
        type: str
      model:
        description: The model. A new card is V(virtio) where this is not given.
        type: str
        choices: [virtio, e1000, e1000e, rtl8139]
      driver:
        description: Who moves the packets, the kernel or QEMU.
        type: str
        choices: [vhost, qemu]
      queues:
        description: The number of queues.
        type: int
      target:
        description: The name of the device on the hypervisor. libvirt gives names like V(vnet0) by itself.
        type: str
      mtu:
        description: The largest packet.
        type: int
      bandwidth:
        description: Limits of the traffic, which change at once. Cards on V(user) and V(passt) cannot have them.
        type: dict
        suboptions:
          inbound:
            description: What the guest receives.
            type: dict
            suboptions:
              average:
                description: KiB a second in the long run. 0 removes the limit.
                type: int
              peak:
                description: KiB a second in a burst.
                type: int
              burst:
                description: KiB that may pass at that rate.
                type: int
          outbound:
            description: What the guest sends.
            type: dict
            suboptions:
              average:
                description: KiB a second in the long run. 0 removes the limit.
                type: int
              peak:
                description: KiB a second in a burst.
                type: int
              burst:
                description: KiB that may pass at that rate.
                type: int
      link:
        description: Whether the cable is plugged in, which changes at once. It is where this was never given.
        type: str
        choices: [up, down]
      filterref:
        description: A network filter, which changes at once.
        type: dict
        suboptions:
          name:
            description: The name, such as V(clean-traffic). An empty one removes the filter.
            type: str
          parameters:
            description:
              - What its rules are filled with, names and a string or a list of strings each. They replace those that it
                has.
            type: dict
      isolated:
        description: Whether guests on the same bridge cannot reach each other over this card.
        type: bool
      boot_order:
        description: The position among the boot devices, from 1. It replaces O(boot).
        type: int
      state:
        description: V(absent) takes it away.
        type: str
        choices: [present, absent]
        default: present
  memory_devices:
    description:
      - Memory to plug in, also into a running guest, each known by a name. Those that are not listed are left alone.
      - Needs O(max_memory), O(memory_slots) and a cell in O(cpu.numa).
    type: list
    elements: dict
    suboptions:
      name:
        description: A name of your choice.
        type: str
        required: true
      model:
        description: The model. A new device is V(dimm) where this is not given.
        type: str
        choices: [dimm, virtio-mem]
      size:
        description: The size, such as V(256MiB).
        type: str
      node:
        description: The cell of the guest that gets it. It is 0 for a new device where this is not given.
        type: int
      requested:
        description: How much of a V(virtio-mem) device the guest has.
        type: str
      block:
        description: The size in which V(virtio-mem) gives and takes.
        type: str
      state:
        description: V(absent) takes it away.
        type: str
        choices: [present, absent]
        default: present
  pcie_root_ports:
    description:
      - How many PCI Express root ports there are at least. Each device that is plugged into a running V(q35) guest
        takes one. They are added at the next boot, and never taken away.
    type: int
  scsi_controller:
    description: The first SCSI controller.
    type: dict
    suboptions:
      model:
        description: The model.
        type: str
        choices: [virtio-scsi, lsilogic]
      queues:
        description: The number of queues of V(virtio-scsi).
        type: int
      iothread:
        description: The number of the I/O thread that serves V(virtio-scsi), from 1 to O(iothreads).
        type: int
  usb_controller:
    description: The model of the first USB controller. V(none) is a machine without USB.
    type: str
    choices: [qemu-xhci, nec-xhci, piix3-uhci, none]
  serial:
    description: The first serial port. A new domain has one of the type V(pty).
    type: dict
    suboptions:
      type:
        description: "Where its other end is: a terminal, a file, a Unix socket or a TCP port on which QEMU listens."
        type: str
        choices: [pty, file, unix, tcp]
      path:
        description: The path of the file or socket.
        type: str
      host:
        description: The address on which QEMU listens. It is V(127.0.0.1) where this is not given.
        type: str
      port:
        description: The port on which QEMU listens.
        type: int
  qemu_arguments:
    description:
      - Words of QEMU's command line beside those of libvirt, for what libvirt has no way for. They replace those
        that the domain has; an empty list removes them.
      - libvirt knows nothing of a device that is added so, and marks the running guest as tainted.
    type: list
    elements: str
  serial_log:
    description: The path of a file to which libvirt appends what the guest writes to its first serial port.
    type: str
  channels:
    description:
      - Channels of virtio-serial, each known by its name. Those that are not listed are left alone.
      - They are plugged into a running guest and taken out again.
    type: list
    elements: dict
    suboptions:
      name:
        description: The name that the guest sees.
        type: str
        required: true
      type:
        description:
          - Where the other end is, a Unix socket or the SPICE client. A new channel is V(unix) where this is not given.
        type: str
        choices: [unix, spicevmc]
      path:
        description: The path of the socket. libvirt chooses one where this is not given.
        type: str
      state:
        description: V(absent) takes it away.
        type: str
        choices: [present, absent]
        default: present
  guest_agent:
    description: Whether there is a channel for QEMU's guest agent.
    type: bool
  rng:
    description:
      - The file of the hypervisor that feeds a virtio random number generator, such as V(/dev/urandom). An empty one
        removes the device.
    type: str
  rng_rate:
    description: How much the guest may take.
    type: dict
    suboptions:
      bytes:
        description: The bytes in a period.
        type: int
      period:
        description: The milliseconds of a period, 1000 where this is not given.
        type: int
  memballoon:
    description: The memory balloon, V(none) for memory that stays fixed.
    type: str
    choices: [virtio, none]
  memballoon_options:
    description: How the memory balloon behaves.
    type: dict
    suboptions:
      autodeflate:
        description: Whether it gives memory back before the guest runs out of it.
        type: bool
      free_page_reporting:
        description: Whether the guest tells which pages it does not use.
        type: bool
      stats_period:
        description: The seconds between its reports, which change at once. 0 is none.
        type: int
  tpm:
    description: A TPM that swtpm emulates on the hypervisor.
    type: dict
    suboptions:
      model:
        description: The model. V(none) takes the TPM away.
        type: str
        choices: [tpm-tis, tpm-crb, tpm-spapr, none]
      version:
        description: The version of the specification.
        type: str
        choices: ["1.2", "2.0"]
      persistent_state:
        description: Whether its state is kept when the definition of the domain is removed or a transient guest ends.
        type: bool
  watchdog:
    description:
      - A watchdog, known by its model; libvirt 9.0 accepts one at most. It is plugged into a running guest and taken
        out again.
    type: list
    elements: dict
    suboptions:
      model:
        description: The model.
        type: str
        required: true
        choices: [i6300esb, ib700, diag288]
      action:
        description: What happens when the guest does not answer. A new watchdog does V(reset) where this is not given.
        type: str
        choices: [reset, shutdown, poweroff, pause, none, dump, inject-nmi]
      state:
        description: V(absent) takes it away.
        type: str
        choices: [present, absent]
        default: present
  panic:
    description: The device by which a guest tells that it crashed. V(none) takes it away.
    type: str
    choices: [isa, pseries, hyperv, s390, none]
  vsock_cid:
    description:
      - The address of the guest for sockets between it and the hypervisor, at least 3. 0 takes the device away.
    type: int
  filesystems:
    description:
      - Directories of the hypervisor that the guest can mount, each known by its target. Those that are not listed are
        left alone.
    type: list
    elements: dict
    suboptions:
      target:
        description: The name by which the guest mounts it.
        type: str
        required: true
      source:
        description: The directory.
        type: str
      driver:
        description:
          - "How the guest reaches it: V(path) is 9p, and V(virtiofs) is faster. virtiofs needs shared memory
            (O(memory_backing.access=shared))."
        type: str
        choices: [path, virtiofs]
      accessmode:
        description:
          - "Whose rights count with 9p: QEMU's, with the owners kept beside the files (V(mapped)), or without owners
            (V(squash))."
        type: str
        choices: [passthrough, mapped, squash]
      readonly:
        description: Whether the guest can only read, with 9p.
        type: bool
      state:
        description: V(absent) takes it away.
        type: str
        choices: [present, absent]
        default: present
  hostdevs:
    description:
      - Devices of the hypervisor that are handed to the guest, each known by its type and address. Those that are not
        listed are left alone.
      - A guest that has one can harm the hypervisor, so O(allow_hostdevs) has to allow them.
    type: list
    elements: dict
    suboptions:
      type:
        description: The kind of device.
        type: str
        required: true
        choices: [pci, usb, mdev]
      address:
        description:
          - The PCI address V(0000:01:00.0), the USB vendor and product V(046d:c52b), or the UUID of a mediated device.
        type: str
        required: true
      managed:
        description: Whether libvirt takes a PCI device from its driver at the start, and gives it back.
        type: bool
      state:
        description: V(absent) takes it away.
        type: str
        choices: [present, absent]
        default: present
  graphics:
    description:
      - A screen, which is reached from the hypervisor itself only, unless O(graphics_listen) says otherwise. A new
        domain has none.
      - Another kind drops what belonged to the former one.
    type: str
    choices: [none, vnc, spice]
  graphics_listen:
    description:
      - The address that serves the screen. Others than those of the hypervisor itself need O(graphics_password).
    type: str
  graphics_port:
    description: The port that serves the screen. 0 has libvirt choose one at each start.
    type: int
  graphics_password:
    description:
      - The password for the screen, at most 8 characters with VNC. It is in no result. An empty one removes it.
      - Check mode cannot read it, and takes it for unchanged. It takes effect when the guest boots next, which
        RV(restart_required) does not tell.
    type: str
  video:
    description: The graphics card. libvirt adds one where there is a screen.
    type: dict
    suboptions:
      model:
        description: The model.
        type: str
        choices: [virtio, vga, qxl, bochs, cirrus, ramfb, none]
      vram:
        description: Its memory, such as V(64MiB).
        type: str
      heads:
        description: The number of screens.
        type: int
  sound:
    description: The model of the sound card. V(none) takes it away.
    type: str
    choices: [ich9, ich6, ac97, es1370, sb16, usb, none]
  inputs:
    description: Input devices, each known by its type and bus. Those that are not listed are left alone.
    type: list
    elements: dict
    suboptions:
      type:
        description: The kind of device. The pointer of a V(tablet) is where the viewer's is.
        type: str
        required: true
        choices: [tablet, mouse, keyboard]
      bus:
        description: The bus.
        type: str
        required: true
        choices: [usb, virtio, ps2]
      state:
        description: V(absent) takes it away.
        type: str
        choices: [present, absent]
        default: present
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
      - Whether devices are removed that a given list, such as O(disks), does not have. Lists that are not given are
        left alone.
    type: bool
    default: false
  managed_save:
    description:
      - What happens when the definition of a domain changes that was saved while it ran. It goes on from its image with
        the definition of then.
      - V(refuse) fails, V(discard) loses the image as if the power had failed, and V(keep) lets what a running guest
        cannot take wait until it boots next.
    type: str
    choices: [refuse, discard, keep]
    default: refuse
  allow_hostdevs:
    description: Whether O(hostdevs) may hand devices of the hypervisor to the guest.
    type: bool
    default: false
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
    description: What else may be lost with O(state=absent), such as the variables of UEFI (V(nvram)).
    type: list
    elements: str
    choices: [managed_save, snapshots, nvram, tpm]
    default: []
  validate:
    description: Whether elements and attributes that libvirt does not know are refused. libvirt drops them otherwise.
    type: bool
    default: true
seealso:
  - module: mini.hypervisor.virt_domain_info
  - module: mini.hypervisor.virt_snapshot
  - module: mini.hypervisor.virt_volume
  - module: mini.hypervisor.guest_wait
"""

EXAMPLES = r"""
- name: A guest that boots from a disk
  mini.hypervisor.virt_domain:
    name: web
    type: kvm
    title: The web server
    description: Serves the pages of example.org.
    metadata: {image: debian-12, owner: web team}
    memory: 2900MiB
    vcpus: 2
    max_vcpus: 4
    machine: q35
    # Places for what is plugged in later.
    pcie_root_ports: 8
    cpu:
      mode: host-passthrough
    disks:
      - target: vda
        source: /var/lib/libvirt/images/web.qcow2
        format: qcow2
    interfaces:
      - network: default
    serial_log: /var/log/libvirt/qemu/web-serial.log
    bios_serial: true
    guest_agent: true
    rng: /dev/urandom
    autostart: true

- name: A third processor and a second disk, without a reboot
  mini.hypervisor.virt_domain:
    name: web
    vcpus: 3
    disks:
      - target: vdb
        source: /var/lib/libvirt/images/data.qcow2
        format: qcow2
        iotune: {total_bytes_sec: 50MiB, total_iops_sec: 500}

- name: Give them back
  mini.hypervisor.virt_domain:
    name: web
    vcpus: 2
    disks:
      - {target: vdb, state: absent}

- name: More memory, by a restart
  mini.hypervisor.virt_domain:
    name: web
    memory: 4GiB
    restart: if_needed

- name: A definition that changes when the guest boots next
  mini.hypervisor.virt_domain:
    name: web
    boot: [network, hd]
    boot_menu: true
    boot_menu_timeout: 3000
    reboot_timeout: 5000
    on_poweroff: destroy
    on_reboot: restart
    on_crash: coredump-destroy
    live: false

- name: Exactly these disks and cards
  mini.hypervisor.virt_domain:
    name: web
    disks:
      - {target: vda, source: /var/lib/libvirt/images/web.qcow2, format: qcow2}
    interfaces:
      - mac: "52:54:00:12:34:56"
        bridge: br0
    remove_unlisted_devices: true

- name: A user's own guest, whose SSH server is at port 2022 of the hypervisor, for those who are on the hypervisor
  mini.hypervisor.virt_domain:
    uri: qemu:///session
    name: mine
    state: present
    type: kvm
    memory: 1GiB
    interfaces:
      - passt: true
        port_forwards:
          - {address: 127.0.0.1, ports: [{start: 2022, to: 22}]}

- name: Memory that can be plugged in
  mini.hypervisor.virt_domain:
    name: db
    state: present
    type: kvm
    vcpus: 4
    memory: 2GiB
    current_memory: 1GiB
    max_memory: 16GiB
    memory_slots: 8
    memory_devices:
      - {name: first, size: 1GiB}
    memballoon: virtio
    memballoon_options: {autodeflate: true, stats_period: 10}
    cpu:
      mode: custom
      model: Nehalem
      topology: {sockets: 1, cores: 2, threads: 2}
      features:
        - {name: aes, policy: require}
        - {name: vmx, policy: disable}
      numa:
        - {id: 0, cpus: 0-3, memory: 2GiB}

- name: Huge pages that are never swapped out
  mini.hypervisor.virt_domain:
    name: db
    state: present
    memory_backing: {hugepages: true, hugepage_size: 2MiB, locked: true}
    memtune: {hard_limit: 20GiB}

- name: Processors and memory of one NUMA node, and less of the disks than others
  mini.hypervisor.virt_domain:
    name: db
    state: present
    cpuset: 0-7
    numatune: {mode: strict, nodeset: "0"}
    iothreads: 2
    cputune:
      shares: 2048
      vcpupin:
        - {vcpu: 0, cpuset: "0"}
        - {vcpu: 1, cpuset: "1"}
      emulatorpin: 2-3
      iothreadpin:
        - {iothread: 1, cpuset: "2"}
    blkiotune: {weight: 200}

- name: Disks of every kind
  mini.hypervisor.virt_domain:
    name: db
    state: present
    scsi_controller: {model: virtio-scsi, queues: 4, iothread: 2}
    disks:
      - target: vda
        volume: {pool: default, volume: db.qcow2}
        format: qcow2
        cache: none
        io: native
        discard: unmap
        iothread: 1
        boot_order: 1
      - target: vdb
        source: /dev/vg0/db
        serial: DB-DATA
      - target: vdc
        network_source:
          protocol: nbd
          name: db
          hosts: [{name: store.example.org}]
      - target: sda
        device: cdrom
        bus: sata
        source: /srv/iso/debian.iso

- name: Eject the medium
  mini.hypervisor.virt_domain:
    name: db
    state: present
    disks:
      - {target: sda, source: ""}

- name: Cards with limits, a filter, and a cable that is unplugged
  mini.hypervisor.virt_domain:
    name: db
    state: present
    interfaces:
      - mac: "52:54:00:12:34:60"
        network: default
        queues: 4
        mtu: 1400
        bandwidth:
          inbound: {average: 10000, peak: 20000, burst: 1024}
          outbound: {average: 1000}
        filterref:
          name: clean-traffic
          parameters: {IP: 192.168.122.60}
      - mac: "52:54:00:12:34:61"
        direct: {dev: eth0}
        link: down
      - mac: "52:54:00:12:34:62"
        user: true

- name: Secure boot, a TPM and what Windows likes
  mini.hypervisor.virt_domain:
    name: desktop
    state: present
    type: kvm
    memory: 8GiB
    machine: q35
    firmware: uefi
    secure_boot: true
    tpm: {model: tpm-crb, version: "2.0"}
    features:
      hyperv: {relaxed: true, vapic: true, spinlocks: true, spinlock_retries: 8191}
    pm: {suspend_to_mem: false, suspend_to_disk: false}
    clock:
      offset: localtime
      timers:
        - {name: rtc, tickpolicy: catchup}
        - {name: hpet, present: false}
    genid: 43dc0cf8-809b-4adb-9bea-a9abb5f3d90e
    graphics: spice
    graphics_listen: 127.0.0.1
    graphics_port: 5930
    graphics_password: "{{ desktop_password }}"
    video: {model: qxl, vram: 64MiB, heads: 1}
    sound: ich9
    usb_controller: qemu-xhci
    inputs:
      - {type: tablet, bus: usb}
    channels:
      - {name: com.redhat.spice.0, type: spicevmc}

- name: A firmware of one's own
  mini.hypervisor.virt_domain:
    name: desktop
    state: present
    loader: /usr/share/OVMF/OVMF_CODE_4M.fd
    loader_type: pflash
    nvram: /var/lib/libvirt/qemu/nvram/desktop.fd
    nvram_template: /usr/share/OVMF/OVMF_VARS_4M.fd

- name: A kernel that is booted directly, with a shared directory and a watchdog
  mini.hypervisor.virt_domain:
    name: kernel-test
    state: present
    type: qemu
    arch: x86_64
    memory: 1GiB
    kernel: /srv/kernels/vmlinuz
    initrd: /srv/kernels/initrd.img
    cmdline: console=ttyS0 quiet
    serial: {type: unix, path: /run/kernel-test.sock}
    memory_backing: {source: memfd, access: shared}
    filesystems:
      - {target: work, source: /srv/work, driver: virtiofs}
    rng: /dev/urandom
    rng_rate: {bytes: 1024}
    watchdog:
      - {model: i6300esb, action: poweroff}
    panic: isa
    vsock_cid: 5
    qemu_arguments: [-global, ICH9-LPC.disable_s3=1]

- name: A network card of the hypervisor
  mini.hypervisor.virt_domain:
    name: router
    state: present
    type: kvm
    memory: 1GiB
    hostdevs:
      - {type: pci, address: "0000:01:00.0", managed: true}
    allow_hostdevs: true

- name: What has no option, by a whole document that the options refine
  mini.hypervisor.virt_domain:
    name: special
    state: present
    xml: |
      <domain type="kvm">
        <memory unit="MiB">512</memory>
        <os><type>hvm</type></os>
        <devices>
          <shmem name="exchange"><model type="ivshmem-plain"/><size unit="M">4</size></shmem>
        </devices>
      </domain>
    vcpus: 2

- name: Change a guest that was saved while it ran, which loses what it had not written
  mini.hypervisor.virt_domain:
    name: web
    state: present
    memory: 3GiB
    managed_save: discard

- name: Shut it down, by force where it does not listen
  mini.hypervisor.virt_domain:
    name: web
    state: shutdown
    shutdown_timeout: 60
    force: true

- name: Remove the guest with its UEFI's variables, its TPM and one of its disks
  mini.hypervisor.virt_domain:
    name: web
    state: absent
    discard: [nvram, tpm]
    remove_storage: [vda]
"""

RETURN = r"""
domain:
  description:
    - The definition of the domain after the run (in check mode, before it); empty where it is absent. Sizes in bytes.
    - Of a listed device only the members are there on which the definition is not silent.
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
  description:
    - Whether the running domain differs from its definition after the run.
    - What libvirt chooses at each start is no difference, nor how a CPU model is looked for, nor what a size rounded to
      whole mebibytes has not.
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
    "allow_hostdevs": {"type": "bool", "default": False},
    "shutdown_timeout": {"type": "int", "default": 120},
    "force": {"type": "bool", "default": False},
    "remove_storage": {"type": "list", "elements": "str", "default": []},
    "discard": {
        "type": "list",
        "elements": "str",
        "choices": ["managed_save", "snapshots", "nvram", "tpm"],
        "default": [],
    },
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
