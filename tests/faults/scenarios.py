# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is interrupted: a module's run that has something to do, from a given beginning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Sequence

Options = Mapping[str, Any]

STOCK = "stock"
"""The pool that is always there."""
STOCK_DIRECTORY = "/var/lib/libvirt/stock"
SSH_PORT = 2222
"""Where a server is that says what sshd says first."""
SOURCE = "/var/lib/libvirt/source.raw"
"""An image that is always there."""
COPY = "/var/lib/libvirt/copy.raw"
"""Where a volume is downloaded to: not in the pool, where a daemon that starts would take it for another volume."""


@dataclass(frozen=True)
class Scenario:
    """C(begin) are the tasks that make the beginning; C(reads) is set where the module changes nothing.

    With C(repeats) every run does it, such as going back to a snapshot.
    The calls of opening and closing a connection are the same in all: one scenario is always played C(whole).
    """

    name: str
    module: str
    options: Options
    begin: Sequence[tuple[str, Options]] = ()
    reads: bool = False
    repeats: bool = False
    whole: bool = False


_GUEST = {
    "name": "fault",
    "type": "qemu",
    "memory": "64MiB",
    "vcpus": 1,
    "disks": [{"target": "vda", "source": f"{STOCK_DIRECTORY}/fault.qcow2", "format": "qcow2"}],
    "interfaces": [{"network": "default", "mac": "52:54:00:fa:17:01"}],
    "force": True,
    "shutdown_timeout": 1,
}
_DISK = {"pool": STOCK, "name": "fault.qcow2", "capacity": "16MiB", "format": "qcow2"}
_NETWORK = {
    "name": "fault",
    "address": "10.97.1.1/24",
    "bridge": {"name": "virbr-fault", "stp": False, "delay": 0},
    "dhcp_hosts": [{"mac": "52:54:00:fa:17:01", "ip": "10.97.1.10"}],
    "autostart": True,
}
_POOL = {"name": "fault", "path": "/var/lib/libvirt/fault", "autostart": True}
_RAW = {"pool": STOCK, "name": "fault.raw", "format": "raw"}

_HAS_DISK = (("virt_volume", _DISK),)
_HAS_GUEST = (*_HAS_DISK, ("virt_domain", {**_GUEST, "state": "shutdown"}))
_RUNS = (*_HAS_DISK, ("virt_domain", _GUEST))
_HAS_NETWORK = (("virt_net", _NETWORK),)
_HAS_POOL = (("virt_pool", _POOL),)
_HAS_RAW = (("virt_volume", {**_RAW, "capacity": "4MiB"}),)
_HAS_IMAGE = (("virt_volume", {**_RAW, "source": SOURCE}),)
_DOWNLOAD = {"pool": STOCK, "name": "fault.raw", "download_to": COPY}
_WAITED = {
    "name": "bystander",
    "address": "127.0.0.1",
    "ssh_port": SSH_PORT,
    "cloud_init": False,
    "host_keys": False,
    "deadline": 20,
}
_SNAPSHOT = {"domain": "fault", "name": "one"}
_BACK = {**_SNAPSHOT, "state": "reverted", "discard": ["current_state"]}
_GONE = {"name": "fault", "state": "absent"}
_RESTORED = {
    "name": "fault",
    "saved": "saved-0123456789",
    "hostname": "fault",
    "instance_id": "iid-1",
    "user": "lab",
    "authorized_keys": [],
}
_HOSTS = [{"mac": "52:54:00:fa:17:01", "ip": "10.97.1.11"}, {"mac": "52:54:00:fa:17:02", "ip": "10.97.1.12"}]

SCENARIOS = (
    Scenario("domain-made", "virt_domain", {**_GUEST, "autostart": True}, _HAS_DISK),
    Scenario("domain-started", "virt_domain", _GUEST, _HAS_GUEST),
    Scenario("domain-changed", "virt_domain", {**_GUEST, "memory": "96MiB", "title": "new"}, _RUNS),
    Scenario("domain-restarted", "virt_domain", {**_GUEST, "memory": "96MiB", "restart": "if_needed"}, _RUNS),
    Scenario("domain-stopped", "virt_domain", {**_GUEST, "state": "shutdown"}, _RUNS),
    Scenario(
        "domain-removed",
        "virt_domain",
        {**_GONE, "force": True, "shutdown_timeout": 1, "remove_storage": ["vda"]},
        _RUNS,
    ),
    Scenario("network-made", "virt_net", _NETWORK),
    Scenario("network-hosts", "virt_net", {**_NETWORK, "dhcp_hosts": _HOSTS}, _HAS_NETWORK),
    Scenario(
        "network-restarted",
        "virt_net",
        {**_NETWORK, "address": "10.97.2.1/24", "dhcp_hosts": [], "restart": "if_needed"},
        (("virt_net", {**_NETWORK, "dhcp_hosts": []}),),
    ),
    Scenario(
        "network-below-guest",
        "virt_net",
        {**_NETWORK, "mac": "52:54:00:fa:17:99", "restart": "if_needed", "force": True},
        (*_HAS_NETWORK, *_HAS_DISK, ("virt_domain", {**_GUEST, "interfaces": [{"network": "fault"}]})),
    ),
    Scenario("network-removed", "virt_net", _GONE, _HAS_NETWORK),
    Scenario("pool-made", "virt_pool", _POOL),
    Scenario("pool-stopped", "virt_pool", {**_POOL, "state": "inactive", "autostart": False}, _HAS_POOL),
    Scenario("pool-removed", "virt_pool", _GONE, _HAS_POOL),
    Scenario("volume-made", "virt_volume", _DISK),
    Scenario(
        "volume-overlaid",
        "virt_volume",
        {**_DISK, "name": "fault-top.qcow2", "backing": {"path": f"{STOCK_DIRECTORY}/fault.qcow2", "format": "qcow2"}},
        _HAS_DISK,
    ),
    Scenario("volume-uploaded", "virt_volume", {**_RAW, "source": SOURCE, "capacity": "5MiB"}),
    Scenario("volume-grown", "virt_volume", {**_RAW, "capacity": "8MiB"}, _HAS_RAW),
    Scenario("volume-removed", "virt_volume", {**_RAW, "state": "absent"}, _HAS_RAW),
    Scenario(
        "volume-cloned",
        "virt_volume",
        {"pool": STOCK, "name": "fault-clone.raw", "format": "raw", "clone_from": {"volume": "fault.raw"}},
        _HAS_IMAGE,
    ),
    Scenario("volume-downloaded", "virt_volume", _DOWNLOAD, _HAS_IMAGE),
    Scenario("volume-wiped", "virt_volume", {**_RAW, "state": "absent", "wipe": True}, _HAS_IMAGE),
    Scenario("snapshot-taken", "virt_snapshot", _SNAPSHOT, _HAS_GUEST),
    Scenario("snapshot-outside", "virt_snapshot", {**_SNAPSHOT, "kind": "external"}, _RUNS),
    Scenario("snapshot-reverted", "virt_snapshot", _BACK, (*_HAS_GUEST, ("virt_snapshot", _SNAPSHOT)), repeats=True),
    Scenario(
        "snapshot-removed",
        "virt_snapshot",
        {**_SNAPSHOT, "state": "absent"},
        (*_HAS_GUEST, ("virt_snapshot", _SNAPSHOT)),
    ),
    Scenario("domains-read", "virt_domain_info", {}, reads=True, whole=True),
    # Saving takes a guest that boots: what is interrupted is the look at what is there.
    Scenario("save-absent", "guest_save", _GONE, reads=True),
    Scenario("guest-restored-before", "guest_restore", _RESTORED, _RUNS, reads=True),
    Scenario("guest-waited", "guest_wait", _WAITED, reads=True),
    Scenario("snapshots-read", "virt_snapshot_info", {}, (*_HAS_GUEST, ("virt_snapshot", _SNAPSHOT)), reads=True),
    # Images are files, of which a daemon that dies takes none: what is interrupted is the look at who uses them.
    Scenario("images-cleaned", "image_clean", {"dest": "/var/lib/libvirt/none", "keep_size": "0"}, reads=True),
    Scenario("host-read", "virt_host_info", {"accelerators": ["tcg"]}, reads=True),
    Scenario("networks-read", "virt_net_info", {}, reads=True),
    Scenario("pools-read", "virt_pool_info", {"volumes": True}, reads=True),
    Scenario("volumes-read", "virt_volume_info", {"pool": STOCK}, reads=True),
)
