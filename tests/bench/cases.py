# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is measured: a module's run that has nothing to change, beside the same work by others.

Each case is played twice: the first run makes it so, the second one is measured.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Mapping, Sequence

from .objects import name

Options = Mapping[str, Any]

DEFINITION = "DEFINITION"
"""Stands in the options of a peer's task for the document that the case's C(definition) prints."""


@dataclass(frozen=True)
class Case:
    """A module with options, and the calls that it may take."""

    what: str
    module: str
    options: Options
    limit: int
    virsh: Sequence[str]
    """The commands of a careful shell script, which has to know the state and the whole definition."""
    peer: Sequence[tuple[str, Options]]
    """The tasks of community.libvirt for it: as it compares nothing, it defines again. None where it has none."""
    definition: str = ""


@dataclass(frozen=True)
class Listing:
    """A module that reads N objects in at most C(base) + N calls. C(names) lists them by virsh, C(each) reads one."""

    what: str
    module: str
    options: Options
    names: str
    each: Sequence[str]
    peer: tuple[str, Options] | None
    base: int = 4


DISK = "/var/lib/libvirt/images/bench.qcow2"
_DOMAIN = {
    "name": "bench",
    "type": "qemu",
    "memory": "64MiB",
    "vcpus": 1,
    "disks": [{"target": "vda", "source": DISK, "format": "qcow2"}],
    "interfaces": [{"network": "bench", "mac": "52:54:00:be:0c:01"}],
    "serial_log": "/var/log/libvirt/qemu/bench-serial.log",
}
_NETWORK = {
    "name": "bench",
    "address": "10.99.7.1/24",
    "bridge": {"name": "virbr-bench", "stp": False, "delay": 0},
    "dhcp_ranges": [{"start": "10.99.7.100", "end": "10.99.7.200"}],
    "dhcp_hosts": [{"mac": "52:54:00:be:0c:01", "ip": "10.99.7.10", "name": "bench"}],
}
_POOL = {"name": "bench", "path": "/var/lib/libvirt/bench", "mode": "0711"}
_VOLUME = {"pool": "bench", "name": "bench.qcow2", "capacity": "1GiB", "format": "qcow2"}

SETTING_UP: Sequence[tuple[str, Options]] = (
    ("virt_pool", {"name": "images", "path": "/var/lib/libvirt/images"}),
    ("virt_volume", {**_VOLUME, "pool": "images"}),
)
"""What the cases need."""


def _with_autostart(case: Case) -> Case:
    module = case.peer[-1][0]
    return replace(
        case,
        what="the same with autostart",
        options={**case.options, "autostart": True},
        peer=(*case.peer, (module, {"name": "bench", "autostart": True})),
    )


_NETWORK_CASE = Case(
    "network, active",
    "virt_net",
    _NETWORK,
    6,
    ("net-info bench", "net-dumpxml --inactive bench", "net-dumpxml bench"),
    (
        ("virt_net", {"name": "bench", "command": "define", "xml": DEFINITION}),
        ("virt_net", {"name": "bench", "state": "active"}),
    ),
    "net-dumpxml --inactive bench",
)
_POOL_CASE = Case(
    "pool, active",
    "virt_pool",
    _POOL,
    6,
    ("pool-info bench", "pool-dumpxml --inactive bench"),
    (
        ("virt_pool", {"name": "bench", "command": "define", "xml": DEFINITION}),
        ("virt_pool", {"name": "bench", "state": "active"}),
    ),
    "pool-dumpxml --inactive bench",
)
_VOLUME_CASE = Case(
    "volume",
    "virt_volume",
    _VOLUME,
    6,
    ("pool-info bench", "vol-dumpxml --pool bench bench.qcow2"),
    (("virt_volume", {"pool": "bench", "name": "bench.qcow2", "state": "present", "xml": DEFINITION}),),
    "vol-dumpxml --pool bench bench.qcow2",
)
_DOMAIN_DUMP = "dumpxml --inactive --security-info bench"
_STOPPED_CASE = Case(
    "domain, stopped",
    "virt_domain",
    {**_DOMAIN, "state": "shutdown"},
    6,
    ("domstate bench", "dominfo bench", _DOMAIN_DUMP),
    (("virt", {"command": "define", "xml": DEFINITION}), ("virt", {"name": "bench", "state": "shutdown"})),
    _DOMAIN_DUMP,
)
_RUNNING_CASE = Case(
    "domain, running",
    "virt_domain",
    {**_DOMAIN, "state": "running"},
    7,
    ("domstate bench", "dominfo bench", _DOMAIN_DUMP, "dumpxml bench"),
    (("virt", {"command": "define", "xml": DEFINITION}), ("virt", {"name": "bench", "state": "running"})),
    _DOMAIN_DUMP,
)

_SNAPSHOT_CASE = Case(
    "snapshot, of the running domain",
    "virt_snapshot",
    {"domain": "bench", "name": "one"},
    7,
    ("snapshot-list bench", "snapshot-dumpxml --security-info bench one", "domstate bench"),
    (),
)

CASES: Sequence[Case] = (
    _NETWORK_CASE,
    _with_autostart(_NETWORK_CASE),
    _POOL_CASE,
    _with_autostart(_POOL_CASE),
    _VOLUME_CASE,
    _STOPPED_CASE,
    _with_autostart(_STOPPED_CASE),
    _RUNNING_CASE,
    _with_autostart(_RUNNING_CASE),
    _SNAPSHOT_CASE,
)

LISTINGS: Sequence[Listing] = (
    Listing(
        "domains",
        "virt_domain_info",
        {},
        "list --all --name",
        ("dominfo", "dumpxml --inactive"),
        ("virt", {"command": "info"}),
    ),
    Listing(
        "networks",
        "virt_net_info",
        {},
        "net-list --all --name",
        ("net-info", "net-dumpxml --inactive"),
        ("virt_net", {"command": "info"}),
    ),
    Listing(
        "pools",
        "virt_pool_info",
        {},
        "pool-list --all --name",
        ("pool-info", "pool-dumpxml --inactive"),
        ("virt_pool", {"command": "info"}),
    ),
    Listing(
        "volumes",
        "virt_volume_info",
        {"pool": "images"},
        "vol-list --pool images",
        ("vol-dumpxml --pool images",),
        ("virt_volume", {"pool": "images", "command": "list_volumes"}),
    ),
    Listing(
        "snapshots",
        "virt_snapshot_info",
        {"domain": name(0), "details": False},
        f"snapshot-list {name(0)} --name",
        (f"snapshot-dumpxml {name(0)}",),
        None,
    ),
)
