# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same guest by virt-install, with what it does where nothing is said."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

POOL = Path("/var/lib/libvirt/images")
NETWORK = "default"
"""The one that distributions define, which virt-install takes where none is named."""


def install(name: str, image: Path, public_key: str, memory: int, vcpus: int, directory: Path) -> None:
    """Define and start it, on an overlay of the image as ours is.

    C(--cloud-init) puts the seed on a CD-ROM, for which a cloud kernel has no driver: here it is on a disk.
    Of the systems that an older virt-install knows, debian11 is the nearest.
    """
    _start_network()
    disk, seed = POOL / f"{name}.qcow2", POOL / f"{name}-seed.iso"
    _run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", str(image), str(disk), "5G")
    user = {"name": "lab", "groups": ["sudo"], "shell": "/bin/bash", "ssh_authorized_keys": [public_key]}
    files = {
        "user-data": "#cloud-config\n" + json.dumps({"users": [user]}),
        "meta-data": json.dumps({"instance-id": name, "local-hostname": name}),
    }
    for file, text in files.items():
        (directory / file).write_text(text)
    paths = [str(directory / file) for file in files]
    _run("xorriso", "-as", "mkisofs", "-quiet", "-J", "-R", "-V", "CIDATA", "-o", str(seed), *paths)
    _run(
        *("virt-install", "--connect", "qemu:///system", "--virt-type", "qemu", "--name", name),
        *("--memory", str(memory), "--vcpus", str(vcpus), "--osinfo", "debian11", "--import"),
        *("--disk", f"path={disk},format=qcow2", "--disk", f"path={seed},format=raw,bus=virtio,readonly=on"),
        *("--network", f"network={NETWORK}", "--noautoconsole"),
    )


def remove(name: str) -> None:
    """Stop it, and remove all of it."""
    _run("virsh", "-q", "destroy", name)
    _run("virsh", "-q", "undefine", name)
    for path in POOL.glob(f"{name}*"):
        path.unlink()


def _start_network() -> None:
    active = subprocess.run(["virsh", "net-list", "--name"], check=True, capture_output=True, text=True).stdout.split()
    if NETWORK not in active:
        _run("virsh", "-q", "net-start", NETWORK)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
