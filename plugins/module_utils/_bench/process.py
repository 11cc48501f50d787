# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Running a command to its end or to a deadline, with what the machine did meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from typing import Any, Sequence

from .._errors import HypervisorError
from . import machine


@dataclass(frozen=True)
class Finished:
    """A command that ended, and the conditions under which it ran."""

    code: int
    stdout: str
    stderr: str
    conditions: dict[str, Any]


def run(argv: Sequence[str], timeout: float, directory: str | None = None) -> Finished:
    """Run C(argv) with LC_ALL=C; at the deadline it is killed with all that it started."""
    started, throttled, frequency = machine.now(), machine.throttle_count(), machine.frequency_mhz()
    load, cpu, begin = machine.load_average(), machine.cpu_times(), time.monotonic()
    try:
        process = subprocess.Popen(
            argv,
            cwd=directory,
            env={**os.environ, "LC_ALL": "C", "LANGUAGE": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        raise HypervisorError(f"{argv[0]} cannot be run: {error.strerror}.", "EXECUTION_FAILED") from error
    try:
        stdout, stderr = process.communicate(timeout=timeout)
    except BaseException as error:  # also when Ansible ends us: nothing keeps running
        os.killpg(process.pid, signal.SIGKILL)
        stdout, stderr = process.communicate()
        if not isinstance(error, subprocess.TimeoutExpired):
            raise
        raise HypervisorError(
            f"{argv[0]} did not end within {timeout:g} seconds and was killed. Give it a longer timeout, or less work.",
            "TIMEOUT",
            command=list(argv),
            output=(stdout + stderr)[-2000:],
        ) from error
    return Finished(
        process.returncode,
        stdout,
        stderr,
        {
            "started": started,
            "wall_time_s": round(time.monotonic() - begin, 4),
            "load_average": {"before": load, "after": machine.load_average()},
            "cpu_percent": machine.cpu_percent(cpu, machine.cpu_times()),
            "frequency_mhz": {"before": frequency, "after": machine.frequency_mhz()},
            "throttle_events": None if throttled is None else (machine.throttle_count() or 0) - throttled,
        },
    )
