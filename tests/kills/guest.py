# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A guest that is made: its disk, its seed with a secret, its definition and its start."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any, Iterator

from support.module import CHECKOUT

from .host import PLACE, POOL, output, playing, run, start_pool_and_network
from .victim import Victim

NAME = "killed"
WORD = "TASK [mini.hypervisor.guest : Domain |"
"""What a run prints before it changes anything."""

SECRET = "canary4711"

_MADE = {f"{NAME}.qcow2", f"{NAME}-seed.iso"}


def begin() -> Victim:
    """What has to be there; the run that makes the guest."""
    PLACE.mkdir(parents=True)
    for file in ("kernel", "initrd"):
        shutil.copy(CHECKOUT / "build/probe" / file, PLACE)
    run("qemu-img", "create", "-q", "-f", "qcow2", str(PLACE / "base.qcow2"), "1G")
    start_pool_and_network()
    return playing("guest", {}, {NAME: _guest()})


def faults() -> Iterator[str]:
    """What is not as it shall be after a run that was not disturbed."""
    if output("virsh", "list", "--name", "--state-running").split() != [NAME]:
        yield "the guest does not run"
    if {path.name for path in POOL.iterdir()} != _MADE:
        yield f"files are left: {sorted(path.name for path in POOL.iterdir())}"
    check = subprocess.run(
        ["qemu-img", "check", "-q", "-U", str(POOL / f"{NAME}.qcow2")], capture_output=True, text=True, check=False
    )
    if check.returncode:
        yield f"its disk is broken: {check.stderr}"
    seed = POOL / f"{NAME}-seed.iso"
    if seed.stat().st_mode & 0o777 != 0o600 or SECRET.encode() in seed.read_bytes():
        yield "its seed can be read by others, or still has the secret"
    told = [path for path in PLACE.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    if told != [PLACE / "hosts.json"]:
        yield f"the secret is left in {told}"
    if "'/user-data'" not in output("xorriso", "-indev", str(seed), "-find", "/", "-type", "f"):
        yield "its seed is not whole"


def end() -> None:
    """Back to nothing, whatever there is."""
    for command in ("destroy", "undefine"):
        subprocess.run(["virsh", "-q", command, NAME], stderr=subprocess.DEVNULL, check=False)
    for path in POOL.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    run("virsh", "-q", "pool-refresh", "default")


def _guest() -> dict[str, Any]:
    image = {
        "name": "probe",
        "path": str(PLACE / "base.qcow2"),
        "format": "qcow2",
        "sha256": "0" * 64,
        "kernel": str(PLACE / "kernel"),
        "initrd": str(PLACE / "initrd"),
        "root": "none",
        "source": "path",
        "requested": "probe",
        "fallback": False,
        "reason": "",
    }
    return {
        "guest_image": "probe",
        "guest_accelerator": "tcg",
        "guest_vcpus": 1,
        "guest_max_vcpus": 1,
        "guest_memory": "256MiB",
        "guest_disk_size": "2GiB",
        "guest_packages": [],
        "guest_address": "192.168.122.20",
        "guest_write_files": [{"path": "/etc/secret", "content": SECRET}],
        "kills_image": image,
        "guest_ssh_dir": str(PLACE / "keys"),
    }
