# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One way of doing a thing, carried out and measured: a module, commands of virsh, tasks of community.libvirt."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Sequence

from support import module

from . import log
from .cases import DEFINITION, Options

URI = "qemu:///system"
_PEER = "community.libvirt"


@dataclass(frozen=True)
class Figure:
    """What it took. C(result) is what the last module returned."""

    calls: log.Calls
    seconds: float
    inside: float = 0
    busy: float = 0
    parsed: int = 0
    result: Mapping[str, Any] | None = None


def own(name: str, options: Options, counts: bool = True) -> Figure:
    """A module of this collection; unless C(counts), libvirt writes no log, which takes time as well."""
    return _modules([(f"{module.OWN}.{name}", options)], counts)


def peer(tasks: Sequence[tuple[str, Options]], definition: str) -> Figure:
    """Tasks of community.libvirt; C(definition) is the command of virsh that prints the document they define."""
    text = _virsh(definition, os.environ) if definition else ""
    resolved = [
        (f"{_PEER}.{name}", {key: text if value == DEFINITION else value for key, value in options.items()})
        for name, options in tasks
    ]
    return _modules(resolved)


def peer_version() -> str | None:
    """The version of community.libvirt beside this collection, None where there is none."""
    manifest = module.CHECKOUT / "build/peer/version"
    return manifest.read_text().strip() if manifest.exists() else None


def virsh(commands: Sequence[str]) -> Figure:
    """Commands of virsh, a process each, as a shell script runs them."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "log"
        environment = {**os.environ, **log.logging_to(path)}
        start = time.monotonic()
        for command in commands:
            _virsh(command, environment)
        return Figure(log.read(path), time.monotonic() - start)


def _virsh(command: str, environment: Mapping[str, str]) -> str:
    arguments = ["virsh", "-q", "-c", URI, *command.split()]
    return subprocess.run(arguments, env=environment, check=True, capture_output=True, text=True).stdout


def _modules(tasks: Sequence[tuple[str, Options]], counts: bool = True) -> Figure:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "log"
        outcomes = []
        for name, options in tasks:
            environment = log.logging_to(path) if counts else {}
            outcomes.append(module.run(name, {"uri": URI, **options}, environment))
            if outcomes[-1].failed:
                raise module.ModuleError(f"{name} {options}: {outcomes[-1].result['msg']}")
        # The test driver is in the process itself: nothing is sent.
        calls = log.read(path) if path.exists() else log.Calls(0, 0, (), 0)
    return Figure(
        calls,
        seconds=sum(outcome.seconds for outcome in outcomes),
        inside=sum(outcome.inside for outcome in outcomes),
        busy=sum(outcome.busy for outcome in outcomes),
        parsed=sum(outcome.parsed for outcome in outcomes),
        result=outcomes[-1].result,
    )
