# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A guest from a saved machine: one is booted and saved, and the guest restored from it with an identity of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Iterator

from support.module import CHECKOUT

from .host import PLACE, POOL, PYTHON, output, playing, run, start_pool_and_network
from .victim import Victim

NAME = "killed"
WORD = "TASK [mini.hypervisor.guest : Saved |"
"""What a run prints before it changes anything."""

IMAGE, IMAGE_INSIDE = CHECKOUT / "build/guest-image", Path("/var/lib/libvirt/guest-image")
"""Where an image that boots is, and where it is in the lab host."""

_SAVED = Path("/var/lib/mini-hypervisor/saved")
_KEYS = PLACE / "keys"


def begin() -> Victim:
    """What has to be there; the run that makes the guest."""
    PLACE.mkdir(parents=True)
    start_pool_and_network()
    return playing("saved", {}, {NAME: _guest()})


def faults() -> Iterator[str]:
    """What is not as it shall be after a run that was not disturbed."""
    domains = output("virsh", "list", "--all", "--name").split()
    if domains != [NAME] or output("virsh", "list", "--name", "--state-running").split() != [NAME]:
        yield f"the guest does not run, or not alone: {domains}"
    kept = sorted(str(path.relative_to(_SAVED)) for path in _SAVED.rglob("*") if path.is_file())
    names = {Path(each).parts[0] for each in kept}
    if len(names) != 1 or [Path(each).name for each in kept] != ["memory", "record.json"]:
        yield f"there is not one saved machine and no more: {kept}"
        return
    saved = POOL / f"{names.pop()}.qcow2"
    if {path.name for path in POOL.iterdir()} != {f"{NAME}.qcow2", f"{NAME}-seed.iso", saved.name}:
        yield f"files are left: {sorted(path.name for path in POOL.iterdir())}"
    for disk in (POOL / f"{NAME}.qcow2", saved):
        check = subprocess.run(["qemu-img", "check", "-q", "-U", disk], capture_output=True, text=True, check=False)
        if check.returncode:
            yield f"{disk.name} is broken: {check.stderr}"
    # The key that the console told is the only one that is taken.
    ssh = ["ssh", "-F", str(_KEYS / "ssh_config"), "-o", "ConnectTimeout=30", NAME, "hostname"]
    told = subprocess.run(ssh, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if told.stdout.strip() != NAME:
        yield f"the guest does not say that it is {NAME}: {told.stdout}{told.stderr}"


def end() -> None:
    """Back to nothing, whatever there is."""
    for domain in output("virsh", "list", "--all", "--name").split():
        for command in ("destroy", "undefine"):
            subprocess.run(["virsh", "-q", command, domain], stderr=subprocess.DEVNULL, check=False)
    for path in POOL.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.rmtree(_SAVED, ignore_errors=True)
    for path in _KEYS.glob("*.d/*"):
        path.unlink()
    run("virsh", "-q", "pool-refresh", "default")


def _guest() -> dict[str, Any]:
    record = max(IMAGE_INSIDE.glob("*-built-*.json"), key=lambda path: path.stat().st_mtime)
    built = json.loads(record.read_text())["image"]
    image = {
        **{key: built[key] for key in ("name", "format", "sha256", "root", "source")},
        **{key: str(IMAGE_INSIDE / Path(built[key]).name) for key in ("path", "kernel", "initrd")},
        "requested": built["name"],
        "fallback": False,
        "reason": "",
    }
    return {
        "guest_from": "saved",
        "guest_accelerator": "tcg",
        "guest_vcpus": 1,
        "guest_max_vcpus": 1,
        "guest_memory": "384MiB",
        "guest_disk_size": "5GiB",
        "guest_packages": [],
        "guest_address": "192.168.122.20",
        "kills_image": image,
        "guest_ssh_dir": str(_KEYS),
        "ansible_ssh_common_args": f"-F {_KEYS}/ssh_config",
        "ansible_python_interpreter": PYTHON,
    }
