# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One target's play, run where the target runs: in its lab host, or on the machine itself."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Iterator

from support import fork

from .target import CHECKOUT, IMAGE_INSIDE, INTEGRATION, TARGETS

STATE = Path("/var/lib/libvirt")
# Where libvirt keeps what is defined, and what runs; no daemon is needed to see it.
OBJECTS = {
    "domain": ("/etc/libvirt/qemu", "/run/libvirt/qemu"),
    "network": ("/etc/libvirt/qemu/networks", "/run/libvirt/network"),
    "pool": ("/etc/libvirt/storage", "/run/libvirt/storage"),
}


def main() -> int:
    """Run the target named by the first argument with the probe guest in the directory named by the second."""
    name, probe = sys.argv[1], Path(sys.argv[2])
    in_a_lab_host = "--no-labhost" not in sys.argv[3:]
    before = set(objects())
    directory = Path(tempfile.mkdtemp(prefix="test-", dir=STATE if in_a_lab_host else None))
    try:
        status = play(name, probe, directory)
    finally:
        shutil.rmtree(directory)
    if not in_a_lab_host:
        return status  # the machine's guests are none of ours
    left = sorted({*objects()} - before) + list(emulators())
    for leftover in left:
        print(f"ERROR: {name} left behind: {leftover}")
    return status or int(bool(left))


def objects() -> Iterator[str]:
    """The libvirt objects of this host, as C(kind name)."""
    for kind, directories in OBJECTS.items():
        for directory in directories:
            for path in Path(directory).glob("*.xml"):
                yield f"{kind} {path.stem}"


def emulators() -> Iterator[str]:
    """The QEMU processes of this host."""
    for path in Path("/proc").glob("[0-9]*/comm"):
        try:
            program = path.read_text().strip()
        except OSError:
            continue  # it ended meanwhile
        if program.startswith("qemu-system"):
            yield f"process {path.parent.name} ({program})"


def play(name: str, probe: Path, directory: Path) -> int:
    """The exit status of the target's play."""
    directory.chmod(0o755)  # QEMU runs as a user of its own
    # A checkout may be where that user cannot read.
    for file in ("kernel", "initrd"):
        shutil.copy(probe / file, directory)
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "/usr/bin/python3",
        # Not a setting: the playbooks that a target runs for other hosts would inherit it.
        "ansible_remote_tmp": str(directory / "target"),
        "probe_kernel": str(directory / "kernel"),
        "probe_initrd": str(directory / "initrd"),
        "test_prefix": f"t{secrets.token_hex(3)}",
        "test_dir": str(directory),
        "test_image": f"{IMAGE_INSIDE}/image.qcow2",
        "converge_tasks": str(INTEGRATION / "common/converge.yml"),
    }
    hosts = {"all": {"hosts": {"localhost": variables}}}
    (directory / "inventory.json").write_text(json.dumps(hosts))
    (directory / "play.yml").write_text(json.dumps([{"hosts": "localhost", "gather_facts": True, "roles": [name]}]))
    settings = {
        "PATH": f"{CHECKOUT}/.venv/bin:{os.environ['PATH']}",
        "ANSIBLE_ACTION_PLUGINS": str(INTEGRATION / "plugins/action"),
        "ANSIBLE_COLLECTIONS_PATH": f"{CHECKOUT}/build/collections",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        "ANSIBLE_INJECT_FACT_VARS": "false",
        "ANSIBLE_LOCAL_TEMP": str(directory / "controller"),
        "ANSIBLE_NOCOLOR": "true",
        "ANSIBLE_PIPELINING": "true",
        "ANSIBLE_RETRY_FILES_ENABLED": "false",
        "ANSIBLE_ROLES_PATH": str(TARGETS),
    }
    parent = fork.Parent()
    environment = {**os.environ, **settings, "TEST_MODULES": str(parent.socket)}
    # env looks the program up in the PATH that it sets.
    command = ["env", "ansible-playbook", "-v", "-i", str(directory / "inventory.json"), str(directory / "play.yml")]
    try:
        return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False).returncode
    finally:
        parent.close()


if __name__ == "__main__":
    sys.exit(main())
