# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The tests that a probe guest can run, with the options of sysbench_run; fileio works on its disk."""

from __future__ import annotations

from typing import Any, Mapping

from .._bench import options
from .._errors import HypervisorError
from .disk import PLACE

_REFUSED = ("command", "executable", "chdir", "timeout")
_KINDS = {"int": int, "float": float, "str": str}


def complete(test: Mapping[str, Any], disk_mib: int | None = None) -> dict[str, Any]:
    """A test with its name and all options. The file of fileio is the one of C(disk_mib) on the disk."""
    spec = {name: entry for name, entry in options.argument_spec().items() if name not in _REFUSED}
    unknown = sorted(set(test) - set(spec) - {"name"})
    if unknown:
        raise _invalid(test, f"a probe guest knows no option {unknown[0]}: see those of the module sysbench_run")
    defaults = {name: entry.get("default") for name, entry in options.GENERAL.items()}
    given = {name: _value(test, name, spec[name]) for name in test if name != "name" and test[name] is not None}
    found = options.complete({**defaults, **given, **_file(test, disk_mib)})
    if not found["time"]:
        raise _invalid(test, "it needs a time, after which it ends")
    return {**found, "name": str(test.get("name") or found["test"])}


def _file(test: Mapping[str, Any], disk_mib: int | None) -> dict[str, Any]:
    """The options of fileio that are not the test's to choose."""
    if test.get("test") != "fileio":
        return {}
    if disk_mib is None:
        raise _invalid(test, "the probe guest has no disk: give it one (option disk)")
    fixed = {"file_num": 1, "file_total_size": f"{disk_mib}M"}
    for name, value in fixed.items():
        if str(test.get(name, value)) != str(value):
            raise _invalid(test, f"{name} is {test[name]}, and the file on the disk has {disk_mib} MiB: leave it out")
    return {**fixed, "chdir": PLACE}


def command(test: Mapping[str, Any]) -> list[str]:
    """sysbench's command line in the guest."""
    return ["sysbench", *options.arguments(test)]


def line(test: Mapping[str, Any]) -> str:
    """The line of shell that runs it where its file is."""
    place = f"cd {test['chdir']} && " if test["chdir"] else ""
    return place + " ".join(command(test))


def _value(test: Mapping[str, Any], name: str, entry: Mapping[str, Any]) -> Any:
    value = test[name]
    if entry["type"] == "bool":
        return value if isinstance(value, bool) else str(value).lower() in ("1", "on", "true", "yes")
    if entry["type"] == "list":
        return _members(test, name, entry)
    try:
        value = _KINDS[entry["type"]](value)
    except (TypeError, ValueError) as error:
        raise _invalid(test, f"{name} is {value!r}, and must be of type {entry['type']}") from error
    if value not in entry.get("choices", [value]):
        raise _invalid(test, f"{name} is {value!r}: give one of {', '.join(entry['choices'])}")
    return value


def _members(test: Mapping[str, Any], name: str, entry: Mapping[str, Any]) -> list[str]:
    """The members of a list, which may be a text with commas."""
    value = test[name]
    found = [str(member).strip() for member in (value.split(",") if isinstance(value, str) else value)]
    for member in found:
        if member not in entry["choices"]:
            raise _invalid(test, f"{name} has {member!r}: give some of {', '.join(entry['choices'])}")
    return found


def _invalid(test: Mapping[str, Any], problem: str) -> HypervisorError:
    return HypervisorError(f"Test {test.get('name') or test.get('test') or 'cpu'}: {problem}.", "INVALID_OPTION")
