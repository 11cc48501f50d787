# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""One run of ping: options checked, run under a deadline, its output read."""

from __future__ import annotations

from typing import Any, Mapping

from .._errors import HypervisorError
from . import ping, tool
from .documents import said
from .process import run

SPEC: dict[str, dict[str, Any]] = {
    "address": {"type": "str", "required": True},
    "count": {"type": "int", "default": 20},
    "interval": {"type": "float", "default": 0.2},
    "size": {"type": "int", "default": 56},
    "executable": {"type": "path", "default": "ping"},
    "timeout": {"type": "int"},
}
"""The options of the module ping_run."""


def measure(params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The module's work and result."""
    for name, least in (("count", 1), ("interval", 0.002), ("size", 16)):  # 16 bytes hold the time that is measured
        if params[name] < least:
            raise tool.invalid(f"{name} is {params[name]}: it must be at least {least}.")
    argv = [params["executable"], *arguments(params)]
    if check_mode:
        return tool.predicted("ping", argv)
    argv[0] = tool.executable(params["executable"], "iputils-ping")
    done = run(argv, params["timeout"] or params["count"] * params["interval"] + tool.MARGIN)
    if done.code > 1:  # 1 says that there was no answer
        raise HypervisorError(
            f"ping failed with code {done.code}: {said([done.stderr or done.stdout[-500:]])}", "PING_FAILED"
        )
    version = run([argv[0], "-V"], tool.MARGIN).stdout.strip().partition("\n")[0]
    result = {**ping.parse(done.stdout), "version": version.rsplit(" ", 1)[-1]}
    return {"changed": False, "ping": tool.described(result, argv, done)}


def arguments(params: Mapping[str, Any]) -> list[str]:
    """ping's command line after the executable."""
    flags = [f"-c{params['count']}", f"-i{params['interval']:g}", f"-s{params['size']}"]
    return ["-n", "-q", *flags, params["address"]]
