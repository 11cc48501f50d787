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
_PYTHON = "/usr/bin/python3"  # which sees python3-libvirt; not one that a version manager put first


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


def run(
    name: str,
    options: Mapping[str, Any],
    environment: Mapping[str, str] | None = None,
    deadline: float = 120,
    check: bool = False,
) -> Outcome:
    """Run a module by its full name, such as C(mini.hypervisor.virt_net)."""
    namespace, collection, module = name.split(".")
    path = f"ansible_collections.{namespace}.{collection}.plugins.modules.{module}"
    arguments = {"ANSIBLE_MODULE_ARGS": {**options, "_ansible_check_mode": check}}
    with tempfile.TemporaryDirectory() as directory:
        notes = Path(directory) / "notes"
        command = [_PYTHON, "-B", str(Path(__file__).with_name("inside.py")), path, str(notes)]
        start = time.monotonic()
        try:
            ended = subprocess.run(
                command,
                input=json.dumps(arguments),
                env={**os.environ, "PYTHONPATH": _module_path(), **(environment or {})},
                capture_output=True,
                text=True,
                timeout=deadline,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ModuleError(f"{name} did not end within {deadline} s") from None
        seconds = time.monotonic() - start
        noted = json.loads(notes.read_text()) if notes.exists() else {}
    try:
        result = json.loads(ended.stdout)
    except ValueError:
        raise ModuleError(f"{name} exit {ended.returncode}: {ended.stdout}{ended.stderr}") from None
    if ended.returncode != int(bool(result.get("failed"))):
        raise ModuleError(f"{name} printed its result, and then exit {ended.returncode}: {ended.stderr}")
    return Outcome(result, seconds, noted.get("seconds", seconds), noted.get("busy", seconds), noted.get("parsed", 0))


def _module_path() -> str:
    """Where the modules of this checkout are, and those of others in build/peer; and Ansible, but nothing beside it."""
    build = CHECKOUT / "build"
    ansible = build / "support"
    ansible.mkdir(parents=True, exist_ok=True)
    installed = next((CHECKOUT / ".venv").glob("lib/python3*/site-packages/ansible"))
    with contextlib.suppress(FileExistsError):
        (ansible / "ansible").symlink_to(installed)
    return os.pathsep.join(map(str, (build / "collections", build / "peer", ansible)))
