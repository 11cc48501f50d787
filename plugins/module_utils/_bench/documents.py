# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""JSON as tools print it: warnings may stand before it, and it may be cut off."""

from __future__ import annotations

import json
from typing import Any, Mapping, Sequence

from .._errors import HypervisorError


def document(text: str, tool: str) -> tuple[dict[str, Any], list[str]]:
    """The JSON object in C(text), and the lines before it."""
    lines = text.replace("\r", "").split("\n")
    start = next((number for number, line in enumerate(lines) if line.startswith("{")), None)
    if start is None:
        raise truncated(tool, "has no JSON object", text)
    body = "\n".join(lines[start:])
    try:
        found, end = json.JSONDecoder().raw_decode(body)
    except ValueError as error:
        raise truncated(tool, f"is not whole ({error})", text) from error
    rest = body[end:].strip()
    if rest:
        raise HypervisorError(
            f"The output of {tool} goes on after its JSON object: {rest[:100]!r}.",
            "UNKNOWN_OUTPUT",
            output=text[-4000:],
        )
    return found, [line for line in lines[:start] if line.strip()]


def number(found: Mapping[str, Any], tool: str, *path: str) -> float:
    """The number at C(path); an error where there is none."""
    value: Any = found
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise truncated(tool, f"has no number {'.'.join(path)}", "")
    return value


def truncated(tool: str, what: str, text: str) -> HypervisorError:
    """The error of an output that is not a whole result."""
    return HypervisorError(f"The output of {tool} {what}. Was it interrupted?", "TRUNCATED_OUTPUT", output=text[-4000:])


def said(words: Sequence[str]) -> str:
    """Lines as one sentence of an error."""
    return " ".join(" ".join(words).split()) or "no output"
