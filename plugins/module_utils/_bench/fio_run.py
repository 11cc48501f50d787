# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""One run of fio: options checked, run under a deadline, its output read."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any, Mapping

from .._errors import HypervisorError
from . import fio, tool
from .documents import said
from .options import size
from .process import Finished, run

READS, RANDOM = ("read", "randread"), ("randread", "randwrite", "randrw")

SPEC: dict[str, dict[str, Any]] = {
    "filename": {"type": "path", "required": True},
    "rw": {"type": "str", "choices": ["read", "write", "rw", "randread", "randwrite", "randrw"], "default": "randread"},
    "rwmixread": {"type": "int"},
    "bs": {"type": "str", "default": "4K"},
    "iodepth": {"type": "int", "default": 1},
    "ioengine": {"type": "str", "choices": ["libaio", "io_uring", "psync", "sync", "mmap"], "default": "libaio"},
    "direct": {"type": "bool", "default": True},
    "size": {"type": "str", "default": "256M"},
    "numjobs": {"type": "int", "default": 1},
    "fsync": {"type": "int", "default": 0},
    "runtime": {"type": "int", "default": 10},
    "ramp_time": {"type": "int", "default": 0},
    "percentiles": {"type": "list", "elements": "float", "default": [50.0, 95.0, 99.0]},
    "unlink": {"type": "bool", "default": False},
    "executable": {"type": "path", "default": "fio"},
    "timeout": {"type": "int"},
}
"""The options of the module fio_run."""


def measure(params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The module's work and result."""
    _check(params)
    argv = [params["executable"], *arguments(params)]
    path = Path(params["filename"])
    before = path.exists()
    if check_mode:
        return tool.predicted("fio", argv, changed=before == params["unlink"])
    _check_file(path, params)
    argv[0] = tool.executable(params["executable"], "fio")
    try:
        done = run(argv, _deadline(params))
        result = _read(done)
    except HypervisorError:
        if not before and path.is_file():
            path.unlink()  # a file laid out in part is no file to measure later
        raise
    return {"changed": path.exists() != before, "fio": tool.described(result, argv, done)}


def arguments(params: Mapping[str, Any]) -> list[str]:
    """fio's command line after the executable."""
    flags = {
        "name": "bench",
        "output-format": "json",
        "filename": params["filename"],
        "rw": params["rw"],
        "rwmixread": params["rwmixread"],
        "bs": params["bs"],
        "iodepth": params["iodepth"],
        "ioengine": params["ioengine"],
        "direct": int(params["direct"]),
        "size": params["size"],
        "numjobs": params["numjobs"],
        "fsync": params["fsync"] or None,
        "runtime": params["runtime"],
        "ramp_time": params["ramp_time"] or None,
        "randrepeat": 0 if params["rw"] in RANDOM else None,
        "percentile_list": ":".join(f"{rank:g}" for rank in params["percentiles"]),
        "unlink": int(params["unlink"]) or None,
    }
    switches = ["--time_based", "--group_reporting", *(["--norandommap"] if params["rw"] in RANDOM else [])]
    return [*(f"--{name}={value}" for name, value in flags.items() if value is not None), *switches]


def _deadline(params: Mapping[str, Any]) -> float:
    if params["timeout"] is not None:
        return float(params["timeout"])
    # The file is written first: a slow disk of an emulated guest does some MiB in a second.
    layout = (size(params["size"]) or 0) / 2**20 / 4
    return float(params["runtime"] + params["ramp_time"] + layout + tool.MARGIN)


def _check(params: Mapping[str, Any]) -> None:
    for name in ("bs", "size"):
        if not size(params[name]):
            raise tool.invalid(
                f"{name} is {params[name]!r}: give a whole number, with K, M, G or T if it is not bytes."
            )
    for name, least in (("iodepth", 1), ("numjobs", 1), ("runtime", 1), ("ramp_time", 0), ("fsync", 0)):
        if params[name] < least:
            raise tool.invalid(f"{name} is {params[name]}: it must be at least {least}.")
    if params["rwmixread"] is not None and (params["rw"] not in ("rw", "randrw") or not 0 < params["rwmixread"] < 100):
        raise tool.invalid("rwmixread is the percentage of reads, 1 to 99, and needs rw or randrw.")
    if params["iodepth"] > 1 and params["ioengine"] in ("psync", "sync", "mmap"):
        raise tool.invalid(
            f"{params['ioengine']} does one operation at a time, so iodepth {params['iodepth']} has no meaning:"
            " take libaio or io_uring, or raise numjobs."
        )
    if (size(params["size"]) or 0) < (size(params["bs"]) or 0):
        raise tool.invalid(f"size {params['size']} is less than one block of {params['bs']}.")
    if not params["percentiles"] or any(not 0 < rank <= 100 for rank in params["percentiles"]):
        raise tool.invalid("percentiles are more than 0 and at most 100, and there must be one.")
    if params["timeout"] is not None and params["timeout"] <= params["runtime"] + params["ramp_time"]:
        raise tool.invalid(f"timeout is {params['timeout']}, but the test alone runs longer: raise it.")


def _check_file(path: Path, params: Mapping[str, Any]) -> None:
    """Never write to a device, and never fill a disk."""
    if not path.parent.is_dir():
        raise HypervisorError(f"Directory {path.parent} does not exist: create it first.", "DIRECTORY_MISSING")
    there = path.stat() if path.exists() else None
    is_device = there is not None and stat.S_ISBLK(there.st_mode)
    if is_device and (params["rw"] not in READS or params["unlink"]):
        raise HypervisorError(
            f"{path} is a device, and {params['rw']} would overwrite what is on it: name a file.", "NOT_A_FILE"
        )
    if there is not None and not is_device and not stat.S_ISREG(there.st_mode):
        raise HypervisorError(f"{path} is no file: name a file.", "NOT_A_FILE")
    needed = 0 if is_device else (size(params["size"]) or 0) - (there.st_size if there else 0)
    disk = os.statvfs(path.parent)
    free = disk.f_bavail * disk.f_frsize
    if needed > free:
        raise HypervisorError(
            f"{path.parent} has {free // 2**20} MiB free, and the file needs {needed // 2**20} MiB more:"
            " free space, or lower size.",
            "NO_SPACE",
            needed=needed,
            free=free,
        )


def _read(done: Finished) -> dict[str, Any]:
    try:
        return fio.parse(done.stdout)
    except HypervisorError as error:
        if done.code == 0 or error.code == "FIO_FAILED":
            raise
        raise HypervisorError(
            f"fio failed with code {done.code}: {said([done.stderr or done.stdout[-500:]])}",
            "FIO_FAILED",
            return_code=done.code,
        ) from error
