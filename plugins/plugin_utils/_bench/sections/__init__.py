# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The sections of the report that experiments fill, each in a file of its own.

A file has C(section_of(experiment, study)), which turns one experiment of the results into a C(section.section); the
study to compare with may be None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import attribution, contention, quick, resources, tuning

SECTIONS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "quick": quick.section_of,
    "attribution": attribution.section_of,
    "tuning": tuning.section_of,
    "contention": contention.section_of,
    "resources": resources.section_of,
}
"""From the C(kind) of an experiment to what describes it, in the order of the report."""


def sections(
    experiments: Mapping[str, Mapping[str, Any]], study: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The sections of those experiments that were made."""
    return [describe(experiments[kind], study) for kind, describe in SECTIONS.items() if kind in experiments]
