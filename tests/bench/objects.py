# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many objects to list: defined on the lab host's libvirtd, or written for the test driver."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Iterable, Mapping

_POOLS = Path("/var/lib/libvirt/listed")
_STOPPED = 5


def name(number: int) -> str:
    """The name of an object."""
    return f"listed-{number:04}"


_REDEFINE = 1
"""libvirt's VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE."""


def _domain(number: int, kind: str, more: str = "") -> str:
    mac = f"52:54:00:ff:{number >> 8:02x}:{number & 255:02x}"
    return f"""
<domain type="{kind}" xmlns:test="http://libvirt.org/schemas/domain/test/1.0">
  <name>{name(number)}</name>
  <memory unit="MiB">2048</memory>
  <vcpu>2</vcpu>
  <os><type arch="x86_64">hvm</type><boot dev="hd"/></os>
  <features><acpi/><apic/></features>
  <clock offset="utc"><timer name="rtc" tickpolicy="catchup"/></clock>
  {more}
  <devices>
    <disk type="file" device="disk">
      <driver name="qemu" type="qcow2" discard="unmap"/>
      <source file="/var/lib/libvirt/images/{name(number)}.qcow2"/>
      <target dev="vda" bus="virtio"/>
    </disk>
    <disk type="file" device="disk">
      <driver name="qemu" type="raw"/>
      <source file="/var/lib/libvirt/images/{name(number)}-seed.iso"/>
      <target dev="vdb" bus="virtio"/>
      <readonly/>
    </disk>
    <interface type="network">
      <mac address="{mac}"/><source network="default"/><model type="virtio"/>
    </interface>
    <console type="pty"/>
  </devices>
</domain>"""


def write_test_host(path: Path, number: int) -> str:
    """The URI of a test driver with so many stopped domains."""
    stopped = f"<test:runstate>{_STOPPED}</test:runstate>"
    path.write_text("<node>" + "".join(_domain(each, "test", stopped) for each in range(number)) + "</node>")
    return f"test://{path}"


def _add_domain(connection: Any, number: int) -> None:
    connection.defineXML(_domain(number, "qemu"))


def _add_network(connection: Any, number: int) -> None:
    address = (
        f'<ip address="10.98.{number}.1" prefix="24"><dhcp><range start="10.98.{number}.2" end="10.98.{number}.9"/>'
    )
    bridge = f'<bridge name="vb{number}" stp="off" delay="0"/>'
    text = f"<network><name>{name(number)}</name>{bridge}{address}</dhcp></ip></network>"
    network = connection.networkDefineXML(text)
    if number % 2:  # an active one costs its bridge and its dnsmasq
        network.create()


def _add_pool(connection: Any, number: int) -> None:
    path = _POOLS / name(number)
    path.mkdir(parents=True)
    text = f'<pool type="dir"><name>{name(number)}</name><target><path>{path}</path></target></pool>'
    connection.storagePoolDefineXML(text).create()


def _add_volume(connection: Any, number: int) -> None:
    text = f'<volume><name>{name(number)}</name><capacity unit="MiB">1</capacity></volume>'
    connection.storagePoolLookupByName("images").createXML(text)


def _add_snapshot(connection: Any, number: int) -> None:
    """Told to libvirt, not taken: reading them is what is measured. They are those of the first domain."""
    domain = connection.lookupByName(name(0))
    state = f"<state>shutoff</state><creationTime>{number + 1}</creationTime>"
    text = f"<domainsnapshot><name>{name(number)}</name>{state}{domain.XMLDesc(0)}</domainsnapshot>"
    domain.snapshotCreateXML(text, _REDEFINE)


_ADD: Mapping[str, Callable[[Any, int], None]] = {
    "domains": _add_domain,
    "networks": _add_network,
    "pools": _add_pool,
    "volumes": _add_volume,
    "snapshots": _add_snapshot,
}


def add(connection: Any, kind: str, numbers: Iterable[int]) -> None:
    """Make libvirt objects of that kind; the volumes in the pool C(images)."""
    for number in numbers:
        _ADD[kind](connection, number)
