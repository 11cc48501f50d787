# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab host in which runs are killed: its places, its libvirt, and a playbook on it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Mapping

from support.module import CHECKOUT, PYTHON

from .victim import Victim

PLACE = Path("/var/lib/mini-hypervisor/kills")
POOL = Path("/var/lib/libvirt/images")


def run(*command: str) -> None:
    """Run a command that has to succeed."""
    subprocess.run(command, check=True)


def output(*command: str) -> str:
    """What a command prints that has to succeed."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def start_pool_and_network() -> None:
    """Have those that guests are in by default."""
    POOL.mkdir(mode=0o711, parents=True, exist_ok=True)
    run("virsh", "-q", "pool-define-as", "default", "dir", "--target", str(POOL))
    run("virsh", "-q", "pool-start", "default")
    run("virsh", "-q", "net-start", "default")


def playing(kind: str, lab: Mapping[str, Any], guests: Mapping[str, Any]) -> Victim:
    """A run of the playbook of that kind, with C(lab) for this host's variables, and C(guests) with theirs."""
    (PLACE / "tmp").mkdir(parents=True, exist_ok=True)
    hosts = PLACE / "hosts.json"
    connection = {
        "ansible_connection": "local",
        "ansible_python_interpreter": PYTHON,
        "ansible_remote_tmp": str(PLACE / "remote"),
    }
    groups = {"hypervisors": {"hosts": {"lab": {**connection, **lab}}}, "guests": {"hosts": dict(guests)}}
    hosts.write_text(json.dumps(groups))
    return Victim(
        [str(CHECKOUT / ".venv/bin/ansible-playbook"), "-i", str(hosts), str(CHECKOUT / f"tests/kills/{kind}.yml")],
        {
            "ANSIBLE_ASYNC_DIR": str(PLACE / "jobs"),
            "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / "build/collections"),
            "ANSIBLE_LOCAL_TEMP": str(PLACE / "controller"),
            "ANSIBLE_NOCOLOR": "true",
            "TMPDIR": str(PLACE / "tmp"),
            # What a task prints is seen when it begins.
            "PYTHONUNBUFFERED": "1",
        },
    )
