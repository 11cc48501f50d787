# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A guest that is made: its disk, its seed with a secret, its definition and its start."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Iterator

from support.module import CHECKOUT, PYTHON

from .victim import Victim

NAME = "killed"
WORD = "TASK [mini.hypervisor.guest : Domain |"
"""What a run prints before it changes anything."""

SECRET = "canary4711"

_POOL = Path("/var/lib/libvirt/images")
_PLACE = Path("/var/lib/mini-hypervisor/kills")
_MADE = {f"{NAME}.qcow2", f"{NAME}-seed.iso"}


def begin() -> Victim:
    """What has to be there; the run that makes the guest."""
    _POOL.mkdir(mode=0o711, parents=True, exist_ok=True)
    (_PLACE / "tmp").mkdir(parents=True)
    for file in ("kernel", "initrd"):
        shutil.copy(CHECKOUT / "build/probe" / file, _PLACE)
    _run("qemu-img", "create", "-q", "-f", "qcow2", str(_PLACE / "base.qcow2"), "1G")
    _run("virsh", "-q", "pool-define-as", "default", "dir", "--target", str(_POOL))
    _run("virsh", "-q", "pool-start", "default")
    _run("virsh", "-q", "net-start", "default")
    (_PLACE / "hosts.json").write_text(json.dumps(_inventory()))
    playbook = str(CHECKOUT / ".venv/bin/ansible-playbook")
    return Victim(
        [playbook, "-i", str(_PLACE / "hosts.json"), str(CHECKOUT / "tests/kills/guest.yml")],
        {
            "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / "build/collections"),
            "ANSIBLE_LOCAL_TEMP": str(_PLACE / "controller"),
            "ANSIBLE_NOCOLOR": "true",
            "TMPDIR": str(_PLACE / "tmp"),
            # What a task prints is seen when it begins.
            "PYTHONUNBUFFERED": "1",
        },
    )


def faults() -> Iterator[str]:
    """What is not as it shall be after a run that was not disturbed."""
    if _output("virsh", "list", "--name", "--state-running").split() != [NAME]:
        yield "the guest does not run"
    if {path.name for path in _POOL.iterdir()} != _MADE:
        yield f"files are left: {sorted(path.name for path in _POOL.iterdir())}"
    check = subprocess.run(
        ["qemu-img", "check", "-q", "-U", str(_POOL / f"{NAME}.qcow2")], capture_output=True, text=True, check=False
    )
    if check.returncode:
        yield f"its disk is broken: {check.stderr}"
    seed = _POOL / f"{NAME}-seed.iso"
    if seed.stat().st_mode & 0o777 != 0o600 or SECRET.encode() in seed.read_bytes():
        yield "its seed can be read by others, or still has the secret"
    told = [path for path in _PLACE.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    if told != [_PLACE / "hosts.json"]:
        yield f"the secret is left in {told}"
    if "'/user-data'" not in _output("xorriso", "-indev", str(seed), "-find", "/", "-type", "f"):
        yield "its seed is not whole"


def end() -> None:
    """Back to nothing, whatever there is."""
    for command in ("destroy", "undefine"):
        subprocess.run(["virsh", "-q", command, NAME], stderr=subprocess.DEVNULL, check=False)
    for path in _POOL.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    _run("virsh", "-q", "pool-refresh", "default")


def _inventory() -> dict[str, object]:
    image = {
        "name": "probe",
        "path": str(_PLACE / "base.qcow2"),
        "format": "qcow2",
        "sha256": "0" * 64,
        "kernel": str(_PLACE / "kernel"),
        "initrd": str(_PLACE / "initrd"),
        "root": "none",
        "source": "path",
        "requested": "probe",
        "fallback": False,
        "reason": "",
    }
    guest = {
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
        "guest_ssh_dir": str(_PLACE / "keys"),
    }
    lab = {
        "ansible_connection": "local",
        "ansible_python_interpreter": PYTHON,
        "ansible_remote_tmp": str(_PLACE / "remote"),
    }
    return {"hypervisors": {"hosts": {"lab": lab}}, "guests": {"hosts": {NAME: guest}}}


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
