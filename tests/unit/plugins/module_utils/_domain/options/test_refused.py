# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is refused before libvirt is asked, each with a sentence."""

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._domain import desired
from ansible_collections.mini.hypervisor.plugins.module_utils._domain.options import PROPERTIES, refuse_impossible
from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._plan import Facts
from ansible_collections.mini.hypervisor.plugins.module_utils._xml import properties

BASE = {"type": "qemu", "memory": "512MiB", "vcpus": 2}
CELL = {"id": 0, "cpus": "0-1", "memory": "512MiB"}

DOCUMENT = """<domain type='qemu'><memory>524288</memory><os><type>hvm</type></os><devices>
<disk type='file' device='disk'><source file='/a'/><target dev='vda' bus='virtio'/></disk></devices></domain>"""


def refusal(**options):
    """The sentence with which a new domain is refused; empty where it is not."""
    given = {**BASE, **options}
    try:
        element = desired.base("web", Facts(), given)
        wanted = desired.wanted("web", Facts(), given, element, lambda: "seed")
        properties.write(PROPERTIES, element, wanted)
        refuse_impossible("web", {**given, **wanted}, properties.read(PROPERTIES, element))
    except HypervisorError as error:
        assert error.code in ("INVALID_OPTION", "INVALID_SIZE")
        return str(error)
    return ""


def disk(**member):
    return {"disks": [{"target": "vda", **member}]}


def card(**member):
    return {"interfaces": [{"mac": "52:54:00:00:00:01", **member}]}


def forward(ports=(), **member):
    return card(passt=True, port_forwards=[{"ports": [{"start": 2022, **each} for each in ports], **member}])


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"vcpus": 0}, "vcpus has to be at least 1"),
        ({"vcpus": 4, "max_vcpus": 2}, "more than max_vcpus"),
        ({"cpuset": "3-1"}, "not a set of numbers"),
        ({"cpuset": "0-999999999"}, "not a set of numbers"),
        ({"cpu": {"mode": "custom"}}, "needs cpu.model"),
        ({"cpu": {"topology": {"sockets": 1, "cores": 3, "threads": 1}}}, "room for 3 processors"),
        ({"cpu": {"topology": {"sockets": 1, "cores": 2, "threads": 1}}, "max_vcpus": 4}, "at most 4"),
        ({"cpu": {"numa": [CELL, {**CELL, "id": 1}]}}, "make memory their sum"),
        ({"current_memory": "1GiB"}, "more than the guest's memory"),
        ({"max_memory": "1GiB"}, "given together"),
        ({"max_memory": "1GiB", "memory_slots": 2}, "at least one cell"),
        ({"max_memory": "256MiB", "memory_slots": 2, "cpu": {"numa": [CELL]}}, "max_memory is"),
        ({"memory_devices": [{"name": "one", "size": "1GiB"}]}, "need max_memory"),
        ({"memory_devices": [{"name": "one"}]}, "needs a size"),
        ({"memory_backing": {"hugepages": False, "hugepage_size": "2MiB"}}, "needs memory_backing.hugepages"),
        ({"cputune": {"iothreadpin": [{"iothread": 1, "cpuset": "0"}]}}, "iothreads is 0"),
        ({"cputune": {"vcpupin": [{"vcpu": 2, "cpuset": "0"}]}}, "the last one is 1"),
        ({"cputune": {"vcpupin": [{"vcpu": 1}]}}, "needs a cpuset"),
        ({"memtune": {"hard_limit": "lots"}}, "is not a size"),
        ({"secure_boot": True}, "needs firmware: uefi"),
        ({"secure_boot": True, "firmware": "uefi", "machine": "pc"}, "machine type q35"),
        ({"secure_boot": True, "firmware": "uefi", "machine": "q35", "features": {"smm": False}}, "needs features.smm"),
        ({"firmware": "uefi", "loader_type": "rom"}, "take loader_type rom away"),
        ({"nvram": "/n"}, "needs firmware: uefi"),
        ({"initrd": "/i"}, "initrd needs a kernel"),
        ({"cmdline": "quiet", "kernel": ""}, "cmdline needs a kernel"),
        ({"boot_menu_timeout": 3}, "needs boot_menu"),
        ({"boot": ["hd"], **disk(source="/a", boot_order=1)}, "exclude each other"),
        ({"clock": {"offset": "timezone"}}, "given together"),
        ({"clock": {"timezone": "Europe/Berlin"}}, "given together"),
        ({"clock": {"adjustment": 1}}, "offset variable"),
        ({"features": {"hyperv": {"spinlock_retries": 8191}}}, "needs features.hyperv.spinlocks"),
        ({"features": {"hyperv": {"stimer_direct": True}}}, "needs features.hyperv.stimer"),
        ({"clock": {"timers": [{"name": "hpet", "track": "guest"}]}}, "hpet has no track"),
        ({"features": {"hyperv": {"mode": "passthrough", "vapic": False}}}, "no other member"),
        ({"disks": [{"target": "a/b", "source": "/a"}]}, "not a disk's target"),
        (disk(source="/a", volume={"pool": "p", "volume": "v"}), "give one of source and volume"),
        (disk(), "give it one of source, volume, network_source"),
        (disk(source=""), "give it one of source"),
        ({"xml": DOCUMENT, **disk(source="")}, "only a CD-ROM or floppy drive can be empty"),
        (disk(device="lun", source="/a"), "not a file"),
        (disk(device="cdrom"), "cannot be on virtio"),
        (disk(source="/a", iothread=1), "iothreads is 0"),
        (disk(source="/a", iotune={"total_iops_sec": 1, "read_iops_sec": 1}), "excludes"),
        (card(network="n", bridge="b"), "one of network and bridge"),
        (card(user=True, passt=True), "one of user and passt"),
        (card(), "give it one of network, bridge, direct, user, passt"),
        (card(bridge="b", portgroup="g"), "belongs to a network"),
        (card(bridge="b", target="vnet3"), "by itself"),
        (card(bridge="b", filterref={"parameters": {"IP": "1"}}), "need filterref.name"),
        (card(bridge="b", bandwidth={"inbound": {"peak": 1}}), "needs an average"),
        (card(user=True, bandwidth={"inbound": {"average": 1}}), "no bandwidth limits"),
        (card(user=True, port_forwards=[{"ports": [{"start": 2022}]}]), "give the card passt: true"),
        (forward(address="localhost"), "the address localhost, which is none"),
        (forward([{"start": 0}]), "give start and end"),
        (forward([{"end": 2021}]), "the ports 2022 to 2021"),
        (forward([{"end": 70000}]), "from 1 to 65535"),
        (forward([{"to": 0}]), "goes beyond"),
        (forward([{"end": 3022, "to": 65000}]), "goes beyond 1 to 65535"),
        (forward([{"to": 22, "exclude": True}]), "take to away"),
        ({"interfaces": [{"mac": "1132489436", "network": "n"}]}, "in quotes"),
        ({"machine": "pc", "pcie_root_ports": 2}, "not pc"),
        ({"pcie_root_ports": 2}, "not the default"),
        ({"secure_boot": True, "firmware": "uefi"}, "not the default"),
        ({"scsi_controller": {"model": "virtio-scsi", "iothread": 1}}, "iothreads is 0"),
        ({"scsi_controller": {"model": "lsilogic", "queues": 1}}, "virtio-scsi"),
        ({"serial": {"type": "file"}}, "needs serial.path"),
        ({"serial": {"type": "tcp"}}, "needs serial.port"),
        ({"serial": {"type": "pty", "path": "/a"}}, "not pty"),
        ({"serial": {"port": 1}}, "not pty"),
        ({"channels": [{"name": "com.redhat.spice.0", "type": "spicevmc"}]}, "needs graphics: spice"),
        ({"channels": [{"name": "org.qemu.guest_agent.0"}]}, "use guest_agent"),
        ({"rng_rate": {"bytes": 1}}, "needs an rng"),
        ({"rng": "/dev/urandom", "rng_rate": {"period": 1}}, "needs its bytes"),
        ({"memballoon": "none", "memballoon_options": {"stats_period": 1}}, "need a memballoon"),
        ({"vsock_cid": 2}, "at least 3"),
        ({"tpm": {"model": "none", "version": "2.0"}}, "neither version nor state"),
        ({"filesystems": [{"target": "a"}]}, "give it one of source"),
        ({"filesystems": [{"target": "a", "source": "/a", "driver": "virtiofs"}]}, "shared memory"),
        ({"hostdevs": [{"type": "pci", "address": "0000:01:00.0"}]}, "allow_hostdevs: true"),
        ({"hostdevs": [{"type": "pci", "address": "1:2"}], "allow_hostdevs": True}, "not the address"),
        ({"hostdevs": [{"type": "usb", "address": "01:00.0"}], "allow_hostdevs": True}, "not the address of a usb"),
        ({"graphics_port": 5901}, "needs graphics"),
        ({"graphics": "vnc", "graphics_listen": "0.0.0.0"}, "lets others in"),
        ({"video": {"vram": "1MiB"}}, "needs a model"),
        ({"video": {"model": "none", "heads": 1}}, "neither vram nor heads"),
    ],
)
def test_what_cannot_be_is_said(options, sentence):
    assert sentence in refusal(**options)


def test_no_port_of_a_card_needs_no_passt():
    assert not refusal(**card(user=True, port_forwards=[]))


def test_an_absent_element_needs_nothing():
    absent = {"state": "absent"}
    assert not refusal(
        disks=[{"target": "vdb", **absent}],
        interfaces=[{"mac": "52:54:00:00:00:02", **absent}],
        memory_devices=[{"name": "one", **absent}],
        filesystems=[{"target": "a", **absent}],
        hostdevs=[{"type": "pci", "address": "0000:01:00.0", **absent}],
        channels=[{"name": "a", "type": "spicevmc", **absent}],
        cputune={"vcpupin": [{"vcpu": 9, **absent}], "iothreadpin": [{"iothread": 9, **absent}]},
    )
