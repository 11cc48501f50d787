# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A lab that is played: an inventory in a directory of its own, and the collection's playbooks on it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Sequence

from support.module import CHECKOUT

PLAYBOOK = CHECKOUT / ".venv/bin/ansible-playbook"
FORKS = 10
SMALL = {"guest_image": "build", "guest_memory": "384MiB", "guest_vcpus": 1, "guest_disk_size": "5GiB"}
SUBNET = "192.168.150"
# A network that the role makes: those of distributions keep a new guest waiting.
NETWORK = {
    "host_network_name": "bench",
    "host_network_bridge": "virbr-bench",
    "host_network_address": f"{SUBNET}.1/24",
    "host_network_range": {"start": f"{SUBNET}.2", "end": f"{SUBNET}.254"},
}
LEAN = {"guest_image_profile": "lean"}


class LabError(Exception):
    """A play that failed."""


@dataclass(frozen=True)
class Played:
    """What a play took, and how many changes it made to all hosts together."""

    seconds: float
    changed: int


class Lab:
    """The hypervisor "lab", which is this one, and any guests on it."""

    def __init__(self, directory: Path, images: Path) -> None:
        self.directory, self._images = directory, images
        self.theirs: list[float] = []
        """Seconds that first boots by virt-install took."""
        self._guests: dict[str, Mapping[str, Any]] = {}
        self._plays = 0

    @property
    def key(self) -> Path:
        """The key by which all guests are entered."""
        return self.directory / ".lab/id_ed25519"

    def add(self, name: str, options: Mapping[str, Any]) -> None:
        """Declare a guest."""
        self._guests[name] = options

    def play(self, playbook: str, hosts: Sequence[str] = (), deadline: float = 1200, **variables: Any) -> Played:
        """Play it, for C(hosts) or all."""
        self._write()
        self._plays += 1
        log = self.directory / f"{self._plays:02}-{playbook}.log"
        command = [str(PLAYBOOK), "-i", str(self.directory / "hosts.json"), "-f", str(FORKS)]
        command += ["-e", json.dumps({"image_dir": str(self._images), **variables})]
        command += ["--limit", ",".join(hosts)] if hosts else []
        start = time.monotonic()
        with log.open("w") as output:
            done = subprocess.run(
                [*command, str(CHECKOUT / f"playbooks/{playbook}.yml")],
                cwd=CHECKOUT,
                env={**os.environ, "ANSIBLE_FORCE_COLOR": "0", "ANSIBLE_NOCOLOR": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=deadline,
                check=False,
            )
        seconds, said = time.monotonic() - start, log.read_text()
        print(f"  {playbook} for {', '.join(hosts) or 'all'}: {seconds:.1f} s", flush=True)
        if done.returncode:
            raise LabError(f"{playbook} for {', '.join(hosts) or 'all'} failed:\n{said[-3000:]}")
        return Played(seconds, sum(map(int, re.findall(r" changed=(\d+) ", said))))

    def _write(self) -> None:
        lab = {"ansible_connection": "local", "ansible_python_interpreter": "/usr/bin/python3", **NETWORK}
        common = {
            "ansible_ssh_common_args": f"-F {self.directory}/.lab/ssh_config",
            "ansible_python_interpreter": "/usr/bin/python3",
        }
        groups = {
            "hypervisors": {"hosts": {"lab": lab}},
            "guests": {"vars": common, "hosts": self._guests},
        }
        (self.directory / "hosts.json").write_text(json.dumps(groups))
