# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The tests that a probe guest can run: those of sysbench that need no disk, with the options of sysbench_run."""

from __future__ import annotations

from typing import Any, Mapping

from .._bench import options
from .._errors import HypervisorError

_REFUSED = ("command", "executable", "chdir", "timeout")
_KINDS = {"int": int, "float": float, "str": str}


def complete(test: Mapping[str, Any]) -> dict[str, Any]:
    """A test with its name and all options."""
    if test.get("test") == "fileio":
        raise _invalid(test, "a probe guest has no disk: use the module sysbench_run in a guest that has one")
    spec = {name: entry for name, entry in options.argument_spec().items() if name not in _REFUSED}
    unknown = sorted(set(test) - set(spec) - {"name"})
    if unknown:
        raise _invalid(test, f"a probe guest knows no option {unknown[0]}: see those of the module sysbench_run")
    defaults = {name: entry.get("default") for name, entry in options.GENERAL.items()}
    given = {name: _value(test, name, spec[name]) for name in test if name != "name" and test[name] is not None}
    found = options.complete({**defaults, **given})
    if not found["time"]:
        raise _invalid(test, "it needs a time, after which it ends")
    return {**found, "name": str(test.get("name") or found["test"])}


def command(test: Mapping[str, Any]) -> list[str]:
    """sysbench's command line in the guest."""
    return ["sysbench", *options.arguments(test)]


def _value(test: Mapping[str, Any], name: str, entry: Mapping[str, Any]) -> Any:
    value = test[name]
    if entry["type"] == "bool":
        return value if isinstance(value, bool) else str(value).lower() in ("1", "on", "true", "yes")
    try:
        value = _KINDS[entry["type"]](value)
    except (TypeError, ValueError) as error:
        raise _invalid(test, f"{name} is {value!r}, and must be of type {entry['type']}") from error
    if value not in entry.get("choices", [value]):
        raise _invalid(test, f"{name} is {value!r}: give one of {', '.join(entry['choices'])}")
    return value


def _invalid(test: Mapping[str, Any], problem: str) -> HypervisorError:
    return HypervisorError(f"Test {test.get('name') or test.get('test') or 'cpu'}: {problem}.", "INVALID_OPTION")
