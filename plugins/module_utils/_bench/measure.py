# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""One sysbench command: options checked, run under a deadline, its output read."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, Mapping

from .._errors import HypervisorError
from . import fileio, options, sysbench, tool
from .process import Finished, run

UNLIMITED = 600
"""Seconds for what has no time of its own: preparing files, a test limited by events."""


def measure(params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The module's work and result."""
    wanted = options.complete(params)
    argv = [wanted["executable"], *options.arguments(wanted)]
    changed = _changes(wanted)
    if check_mode:
        return tool.predicted("sysbench", argv, changed, skipped=wanted["command"] == options.RUN)
    if wanted["chdir"] and not Path(wanted["chdir"]).is_dir():
        raise HypervisorError(f"Directory {wanted['chdir']} does not exist: create it first.", "DIRECTORY_MISSING")
    argv[0] = tool.executable(wanted["executable"], "sysbench")
    done = _carry_out(argv, wanted)
    return {"changed": changed, "sysbench": tool.described(_read(done, wanted), argv, done)}


def _changes(wanted: Mapping[str, Any]) -> bool:
    """Measuring changes nothing; preparing and cleaning up do where there is something to do."""
    if wanted["command"] == options.PREPARE:
        return fileio.missing_bytes(wanted) > 0
    return wanted["command"] == options.CLEANUP and bool(fileio.present(wanted))


def _carry_out(argv: list[str], wanted: Mapping[str, Any]) -> Finished:
    timeout = wanted["timeout"]
    if timeout is None:
        timed = wanted["command"] == options.RUN and wanted["time"]
        timeout = wanted["time"] + tool.MARGIN if timed else UNLIMITED
    if wanted["command"] != options.PREPARE:
        return _checked(run(argv, timeout, wanted["chdir"]))
    fileio.check_space(wanted)
    before = fileio.present(wanted)
    try:
        return _checked(run(argv, timeout, wanted["chdir"]))
    except HypervisorError:
        for path in set(fileio.present(wanted)) - set(before):
            with suppress(OSError):
                path.unlink()
        raise


def _checked(done: Finished) -> Finished:
    """sysbench says why it failed on its standard output (FATAL: ...) or, for options, on the other."""
    if done.code == 0:
        return done
    reasons = [line for line in done.stdout.split("\n") if line.startswith(("FATAL:", "WARNING:"))]
    reason = " ".join(reasons) or done.stderr.strip() or done.stdout.strip()[-500:] or "no output"
    raise HypervisorError(f"sysbench failed with code {done.code}: {reason}", "SYSBENCH_FAILED", return_code=done.code)


def _read(done: Finished, wanted: Mapping[str, Any]) -> dict[str, Any]:
    try:
        if wanted["command"] == options.PREPARE:
            return sysbench.parse_prepare(done.stdout)
        if wanted["command"] == options.CLEANUP:
            return sysbench.parse_cleanup(done.stdout)
        return sysbench.parse(done.stdout, wanted["test"])
    except HypervisorError as error:
        error.details["output"] = done.stdout[-4000:]
        raise
