# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module run as Ansible runs it: its file, its options on stdin, by the system's Python."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping

CHECKOUT = Path(__file__).resolve().parent.parent.parent
OWN = "mini.hypervisor"
PYTHON = "/usr/bin/python3"  # which sees python3-libvirt; not one that a version manager put first


@dataclass(frozen=True)
class Outcome:
    """What a module returned, and what it took."""

    result: Mapping[str, Any]
    seconds: float
    inside: float
    """Of these, the seconds in the module's main()."""
    busy: float
    """Of these, the seconds on a processor."""
    parsed: int
    """XML documents that it parsed."""

    @property
    def failed(self) -> bool:
        """Whether it failed, as Ansible sees it."""
        return bool(self.result.get("failed"))


class ModuleError(Exception):
    """A module that printed no result, or did not end in time."""


@dataclass(frozen=True)
class Ended:
    """A process that ended, and the notes that C(inside) wrote."""

    status: int
    stdout: str
    stderr: str
    seconds: float
    notes: Mapping[str, Any]


def run(
    name: str, options: Mapping[str, Any], environment: Mapping[str, str] | None = None, deadline: float = 120
) -> Outcome:
    """Run a module by its full name, such as C(mini.hypervisor.virt_net)."""
    with tempfile.TemporaryDirectory() as directory:
        notes = Path(directory) / "notes"
        command = [PYTHON, "-B", str(Path(__file__).with_name("inside.py")), path_of(name), str(notes)]
        start = time.monotonic()
        try:
            ended = subprocess.run(
                command,
                input=arguments(options),
                env={**os.environ, **module_path(), **(environment or {})},
                capture_output=True,
                text=True,
                timeout=deadline,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise late(name, deadline) from None
        seconds = time.monotonic() - start
        noted = json.loads(notes.read_text()) if notes.exists() else {}
    return outcome(name, Ended(ended.returncode, ended.stdout, ended.stderr, seconds, noted))


def path_of(name: str) -> str:
    """The name by which Python imports the module."""
    namespace, collection, module = name.split(".")
    return f"ansible_collections.{namespace}.{collection}.plugins.modules.{module}"


def arguments(options: Mapping[str, Any]) -> str:
    """What Ansible writes to the module's stdin."""
    return json.dumps({"ANSIBLE_MODULE_ARGS": options})


def late(name: str, deadline: float) -> ModuleError:
    """The error of a module that did not end."""
    return ModuleError(f"{name} did not end within {deadline} s")


def outcome(name: str, ended: Ended) -> Outcome:
    """What Ansible makes of the process."""
    try:
        result = json.loads(ended.stdout)
    except ValueError:
        raise ModuleError(f"{name} exit {ended.status}: {ended.stdout}{ended.stderr}") from None
    if ended.status != int(bool(result.get("failed"))):
        raise ModuleError(f"{name} printed its result, and then exit {ended.status}: {ended.stderr}")
    noted, seconds = ended.notes, ended.seconds
    return Outcome(result, seconds, noted.get("seconds", seconds), noted.get("busy", seconds), noted.get("parsed", 0))


def module_path() -> Mapping[str, str]:
    """Where the modules of this checkout are, and those of others in build/peer; and Ansible, but nothing beside it."""
    build = CHECKOUT / "build"
    ansible = build / "support"
    ansible.mkdir(parents=True, exist_ok=True)
    installed = next((CHECKOUT / ".venv").glob("lib/python3*/site-packages/ansible"))
    with contextlib.suppress(FileExistsError):
        (ansible / "ansible").symlink_to(installed)
    return {"PYTHONPATH": os.pathsep.join(map(str, (build / "collections", build / "peer", ansible)))}
