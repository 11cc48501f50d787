# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A guest that is asked for, and one that is there just like that."""

from __future__ import annotations

from typing import Any, Callable

import pytest

IDENTITIES = {
    "built": {"sha256": "b" * 64, "instance_id": "iid-b", "parts": {"user-data.users": "1111"}},
    "fetched": {"sha256": "f" * 64, "instance_id": "iid-f", "parts": {"user-data.users": "1111", "packages": "2222"}},
}


@pytest.fixture
def place() -> Callable[..., dict[str, Any]]:
    """C(place(disk_size=...)) -> what is asked for of the guest C(web)."""

    def ask(name: str = "web", **options: Any) -> dict[str, Any]:
        return {
            "inventory_hostname": name,
            "hypervisor": "north",
            "known_hypervisor": True,
            "uri": "qemu:///system",
            "session": False,
            "accelerator": "auto",
            "network": "default",
            "user_network": "auto",
            "pool": "default",
            "mac": "52:54:00:00:00:01",
            "guest": {"name": name, "address": "", "ssh_port": 22, "cloud_init": True, "host_keys": False},
            "hostname": name,
            "user": "lab",
            "address": "",
            "addresses": [],
            "image": "ubuntu-20.04",
            "image_profile": "stock",
            "from": "image",
            "recreate": "never",
            "packages": ["sysbench"],
            "vcpus": 2,
            "memory": 2900 << 20,
            "disk_size": 10 << 30,
            "ignored": [],
            "identities": IDENTITIES,
            "key": "/lab/key",
            "known_hosts": "/lab/known_hosts",
            "known": True,
            "written": "",
            "way": {"address": "north", "user": "", "port": "", "key": "", "arguments": "", "remote": False},
            **options,
        }

    return ask
