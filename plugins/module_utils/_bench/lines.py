# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Reading line by line what a tool prints: a state machine that refuses a line it does not know.

A rule looks like the line it reads. C({path:kind}) in it is a value that goes to that (dotted) path
of the result, one without a path is read and forgotten. White space is not significant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Callable, Mapping, Sequence

from .._errors import HypervisorError

_MIB = {"": 2**-20, "K": 2**-10, "M": 1.0, "G": 2.0**10, "T": 2.0**20}


def _mib(text: str) -> float:
    """A size such as 4.8Mb, which means MiB; without a letter, bytes."""
    unit = text[-2] if text[-2] in _MIB else ""
    return float(text[: -1 - len(unit)]) * _MIB[unit]


KINDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "d": (r"-?\d+", int),
    ".2": (r"\d+\.\d{2}", float),  # printed with exactly so many digits: a shorter one was cut off
    ".3": (r"\d+\.\d{3}", float),
    ".4": (r"\d+\.\d{4}", float),
    "g": (r"\d+(?:\.\d+)?", float),
    "size": (r"\d+(?:\.\d+)?[KMGT]?b", _mib),
    "s": (r".*", str),
    "bar": (r"\** ?", str),  # the bar of a histogram
}
_FIELD = re.compile(r"\{([\w.]*):([\w.]+)\}")


@dataclass(frozen=True)
class Rule:
    """A line that may stand in a state, and what it means."""

    line: str
    goto: str = ""
    """The state after the line; it stays the same where empty."""
    append: str = ""
    """The list of the result that the line's values go to as one row."""
    fail: str = ""
    """The code of the error that the line is."""


Grammar = Mapping[str, Sequence[Rule]]


def read(text: str, grammar: Grammar, start: str, anywhere: Sequence[Rule] = ()) -> tuple[dict[str, Any], str]:
    """The values in C(text), and the state after its last line."""
    readers = {state: [(rule, _reader(rule.line)) for rule in (*rules, *anywhere)] for state, rules in grammar.items()}
    result: dict[str, Any] = {}
    state = start
    for number, raw in enumerate(text.replace("\r", "").split("\n"), 1):
        line = " ".join(raw.split()).replace("( ", "(")
        if not line:
            continue
        for rule, values_of in readers[state]:
            values = values_of(line)
            if values is not None:
                _take(result, rule, values, line)
                state = rule.goto or state
                break
        else:
            raise HypervisorError(
                f"Line {number} of the output has no place there: {line!r}.", "UNKNOWN_OUTPUT", line=line, number=number
            )
    return result, state


def _take(result: dict[str, Any], rule: Rule, values: Mapping[str, Any], line: str) -> None:
    if rule.fail:
        raise HypervisorError(f"The output says: {line}", rule.fail, line=line)
    target = result
    if rule.append:
        target = {}
        result.setdefault(rule.append, []).append(target)
    for path, value in values.items():
        *parents, key = path.split(".")
        place = target
        for parent in parents:
            place = place.setdefault(parent, {})
        place[key] = value


def _reader(template: str) -> Callable[[str], Mapping[str, Any] | None]:
    """From a rule's line: a function from a printed line to its values by path, None where it is another line."""
    parts, fields, end = [], [], 0
    for field in _FIELD.finditer(template):
        path, (pattern, convert) = field.group(1), KINDS[field.group(2)]
        parts += [re.escape(template[end : field.start()]), f"({pattern})"]
        fields.append((path, convert))
        end = field.end()
    whole = re.compile("".join([*parts, re.escape(template[end:])]))

    def values(line: str) -> Mapping[str, Any] | None:
        match = whole.fullmatch(line)
        if match is None:
            return None
        return {path: convert(text) for (path, convert), text in zip(fields, match.groups()) if path}

    return values
