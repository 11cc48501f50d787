# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""One run of cyclictest: options checked, run under a deadline, its output read."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Mapping

from .._errors import HypervisorError
from . import cyclictest, tool
from .documents import said
from .process import Finished, run

SPEC: dict[str, dict[str, Any]] = {
    "threads": {"type": "int", "default": 1},
    "affinity": {"type": "bool", "default": False},
    "priority": {"type": "int", "default": 80},
    "interval": {"type": "int", "default": 1000},
    "time": {"type": "int", "default": 10},
    "executable": {"type": "path", "default": "cyclictest"},
    "timeout": {"type": "int"},
}
"""The options of the module cyclictest_run."""


def measure(params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The module's work and result."""
    _check(params)
    argv = [params["executable"], *arguments(params)]
    if check_mode:
        return tool.predicted("cyclictest", argv)
    argv[0] = tool.executable(params["executable"], "rt-tests")
    usage = run([argv[0], "--help"], tool.MARGIN)
    words = usage.stdout + usage.stderr
    version = re.search(r"cyclictest V ([\d.]+)", words)
    with TemporaryDirectory() as directory:
        path = Path(directory) / "result.json"
        if "--json" in words:
            argv.append(f"--json={path}")
        done = run(argv, params["timeout"] or params["time"] + tool.MARGIN)
        result = {**_read(done, path), "version": version.group(1) if version else ""}
    if len(result["threads"]) != params["threads"]:
        raise HypervisorError(
            f"cyclictest told of {len(result['threads'])} threads, not of {params['threads']}.", "UNKNOWN_OUTPUT"
        )
    return {"changed": False, "cyclictest": tool.described(result, argv, done)}


def arguments(params: Mapping[str, Any]) -> list[str]:
    """cyclictest's command line after the executable."""
    return [
        *("--quiet", "--mlockall"),
        f"--duration={params['time']}",
        f"--interval={params['interval']}",
        f"--threads={params['threads']}",
        # cyclictest takes a priority of 0 for one that it shall choose.
        *([f"--priority={params['priority']}"] if params["priority"] else []),
        *(["--affinity"] if params["affinity"] else []),
    ]


def _read(done: Finished, path: Path) -> dict[str, Any]:
    if done.code != 0:
        raise HypervisorError(
            f"cyclictest failed with code {done.code}: {said([done.stderr or done.stdout[-500:]])}",
            "CYCLICTEST_FAILED",
            return_code=done.code,
        )
    return cyclictest.parse_json(path.read_text("utf-8")) if path.exists() else cyclictest.parse_text(done.stdout)


def _check(params: Mapping[str, Any]) -> None:
    for name, least in (("threads", 1), ("interval", 1), ("time", 1)):
        if params[name] < least:
            raise tool.invalid(f"{name} is {params[name]}: it must be at least {least}.")
    if not 0 <= params["priority"] <= 99:
        raise tool.invalid(f"priority is {params['priority']}: it must be 1 to 99, or 0 for a process like others.")
    if params["timeout"] is not None and params["timeout"] <= params["time"]:
        raise tool.invalid(
            f"timeout is {params['timeout']}, but the test alone runs {params['time']} seconds: raise it."
        )
