# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Values as Ansible hands them to a filter, turned into ordinary Python ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_ORDINARY = frozenset((str, int, float, bool, type(None)))
"""Nearly all values are of these, and to ask for their exact type is quick."""


def plain(value: Any) -> Any:
    """A deep copy of dict, list, str, int, float, bool and None; what wraps them is taken off."""
    if type(value) in _ORDINARY:
        return value
    if isinstance(value, Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, str):
        return "".join(value)
    if isinstance(value, Sequence):
        return [plain(item) for item in value]
    return int(value) if isinstance(value, int) else float(value) if isinstance(value, float) else str(value)
