# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""sysbench's options: each declared once, with its type, its test and the value of the reference tests."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Mapping

from .._errors import HypervisorError
from .sysbench import TESTS

RUN, PREPARE, CLEANUP = "run", "prepare", "cleanup"
_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


@dataclass(frozen=True)
class Option:
    """An option of one test. Its name is the flag's, with underscores."""

    name: str
    test: str
    type: str
    default: Any = None
    """The value where none is given; None leaves it to sysbench."""
    minimum: int = 0
    size: bool = False
    spec: Mapping[str, Any] = field(default_factory=dict)


OPTIONS = (
    Option("cpu_max_prime", "cpu", "int", 20000, minimum=1),
    Option("memory_block_size", "memory", "str", "1K", size=True),
    Option("memory_total_size", "memory", "str", "102400M", size=True),
    Option("memory_scope", "memory", "str", "global", spec={"choices": ["global", "local"]}),
    Option("memory_oper", "memory", "str", "write", spec={"choices": ["read", "write", "none"]}),
    Option("memory_access_mode", "memory", "str", "seq", spec={"choices": ["seq", "rnd"]}),
    Option("memory_hugetlb", "memory", "bool"),
    Option("thread_yields", "threads", "int", minimum=1),
    Option("thread_locks", "threads", "int", minimum=1),
    Option("mutex_num", "mutex", "int", minimum=1),
    Option("mutex_locks", "mutex", "int", minimum=1),
    Option("mutex_loops", "mutex", "int"),
    Option("file_num", "fileio", "int", 128, minimum=1),
    Option("file_block_size", "fileio", "int", minimum=1),
    Option("file_total_size", "fileio", "str", "2G", size=True),
    Option(
        "file_test_mode",
        "fileio",
        "str",
        spec={"choices": ["seqwr", "seqrewr", "seqrd", "rndrd", "rndwr", "rndrw"]},
    ),
    Option("file_io_mode", "fileio", "str", spec={"choices": ["sync", "async", "mmap"]}),
    Option("file_async_backlog", "fileio", "int", minimum=1),
    Option(
        "file_extra_flags",
        "fileio",
        "list",
        spec={"elements": "str", "choices": ["sync", "dsync", "direct"]},
    ),
    Option("file_fsync_freq", "fileio", "int"),
    Option("file_fsync_all", "fileio", "bool"),
    Option("file_fsync_end", "fileio", "bool"),
    Option("file_fsync_mode", "fileio", "str", spec={"choices": ["fsync", "fdatasync"]}),
    Option("file_merged_requests", "fileio", "int"),
    Option("file_rw_ratio", "fileio", "float"),
)

GENERAL: dict[str, dict[str, Any]] = {
    "test": {"type": "str", "choices": list(TESTS), "default": "cpu"},
    "command": {"type": "str", "choices": [RUN, PREPARE, CLEANUP], "default": RUN},
    "threads": {"type": "int", "default": 1},
    "time": {"type": "int", "default": 10},
    "events": {"type": "int", "default": 0},
    "rate": {"type": "int", "default": 0},
    "percentile": {"type": "int", "default": 95},
    "report_interval": {"type": "int", "default": 0},
    "histogram": {"type": "bool", "default": False},
    "rand_seed": {"type": "int", "default": 0},
    "executable": {"type": "path", "default": "sysbench"},
    "chdir": {"type": "path"},
    "timeout": {"type": "int"},
}


def argument_spec() -> dict[str, dict[str, Any]]:
    """The options of the module sysbench_run."""
    return {**GENERAL, **{option.name: {"type": option.type, **option.spec} for option in OPTIONS}}


def complete(params: Mapping[str, Any]) -> dict[str, Any]:
    """The options with the test's defaults; a combination that sysbench would refuse or ignore is an error."""
    test = params["test"]
    for option in OPTIONS:
        value = params.get(option.name)
        if value is None:
            continue
        if option.test != test:
            raise _invalid(
                f"{option.name} is an option of test {option.test}, and has no meaning for {test}: remove it."
            )
        if option.size and size(value) is None:
            raise _invalid(f"{option.name} is {value!r}: give a whole number, with K, M, G or T if it is not bytes.")
        if option.type in ("int", "float") and value < option.minimum:
            raise _invalid(f"{option.name} is {value}: it must be at least {option.minimum}.")
    defaults = {o.name: o.default for o in OPTIONS if o.test == test and params.get(o.name) is None}
    options = {**params, **defaults}
    _check_general(options)
    _check_test(options)
    return options


def arguments(options: Mapping[str, Any]) -> list[str]:
    """sysbench's command line after the executable, from complete options."""
    test, command = options["test"], options["command"]
    flags = {option.name: options[option.name] for option in OPTIONS if option.test == test}
    if command != RUN:
        flags = {name: flags[name] for name in ("file_num", "file_total_size", "file_block_size", "file_extra_flags")}
    else:
        flags = {
            "threads": options["threads"],
            "time": options["time"],
            "events": options["events"] or None,
            "rate": options["rate"] or None,
            "percentile": options["percentile"],
            "report_interval": options["report_interval"] or None,
            "histogram": options["histogram"] or None,
            "rand_seed": options["rand_seed"] or None,
            **flags,
        }
    given = [f"--{name.replace('_', '-')}={_text(value)}" for name, value in flags.items() if value not in (None, [])]
    return [test, *given, command]


def size(text: str) -> int | None:
    """Bytes of a size as sysbench reads it, None where it is none."""
    match = re.fullmatch(r"(\d+)([KMGT]?)", text, re.IGNORECASE)
    return int(match.group(1)) * _UNITS[match.group(2).upper()] if match else None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return ",".join(value) if isinstance(value, list) else str(value)


def _check_general(options: Mapping[str, Any]) -> None:
    for name, minimum in (("threads", 1), ("time", 0), ("events", 0), ("rate", 0), ("report_interval", 0)):
        if options[name] < minimum:
            raise _invalid(f"{name} is {options[name]}: it must be at least {minimum}.")
    if not 0 <= options["percentile"] <= 100:
        raise _invalid(f"percentile is {options['percentile']}: it must be 1 to 100, or 0 for none.")
    if options["timeout"] is not None and options["timeout"] <= options["time"]:
        raise _invalid(f"timeout is {options['timeout']}, but the test alone runs {options['time']} seconds: raise it.")
    if options["histogram"] and not options["percentile"]:
        raise _invalid("histogram needs latencies, and percentile 0 turns them off: set percentile, or drop histogram.")
    if options["test"] in ("cpu", "threads", "fileio") and not options["time"] and not options["events"]:
        raise _invalid(f"A {options['test']} test with time 0 and events 0 would never end: set one of them.")


def _check_test(options: Mapping[str, Any]) -> None:
    if options["test"] == "memory":
        _check_memory(options)
    if options["test"] != "fileio":
        if options["command"] != RUN:
            raise _invalid(f"{options['command']} is a command of test fileio only: {options['test']} needs no files.")
        return
    if not options["chdir"]:
        raise _invalid("A fileio test needs chdir, the directory of its files.")
    if options["command"] == RUN and not options["file_test_mode"]:
        raise _invalid("A fileio run needs file_test_mode, such as rndrw.")
    if (size(options["file_total_size"]) or 0) < options["file_num"]:
        raise _invalid(f"file_total_size {options['file_total_size']} is too small for {options['file_num']} files.")


def _check_memory(options: Mapping[str, Any]) -> None:
    block, total = size(options["memory_block_size"]) or 0, size(options["memory_total_size"]) or 0
    if block < 8 or block & (block - 1):
        raise _invalid(
            f"memory_block_size is {options['memory_block_size']}: it must be a power of two, at least 8 bytes."
        )
    if total and total // block // options["threads"] == 0:
        raise _invalid(
            f"memory_total_size {options['memory_total_size']} is less than one block of"
            f" {options['memory_block_size']} for each of {options['threads']} threads: nothing would be measured."
        )
    if not total and not options["time"]:
        raise _invalid("A memory test with time 0 and memory_total_size 0 would never end: set one of them.")
    if options["events"]:
        raise _invalid("sysbench ignores events in the memory test: limit it by memory_total_size or time.")


def _invalid(message: str) -> HypervisorError:
    return HypervisorError(message, "INVALID_OPTION")
