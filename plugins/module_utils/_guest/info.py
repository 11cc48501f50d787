# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Looking at many guests at once: whether they are ready, and what their seeds hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Mapping, Sequence

from . import seed_image
from .guest import Guest
from .wait import Watch, glance

_ONCE = {"deadline": 0, "progress_file": None}
"""To wait for nobody, beyond the answer to one knock."""


def read(connection: Any, wanted: Sequence[Mapping[str, Any]], start: float) -> dict[str, Any]:
    """The module's result: a guest for each that is wanted. C(start) is the monotonic time since which it looks."""
    guests = [Guest(connection, each["name"]) for each in wanted]
    watches = [Watch(guest, {**each, **_ONCE}, start) for guest, each in zip(guests, wanted)]
    glance(watches)
    return {
        "changed": False,
        "guests": [{**watch.told(), "seed": _seed(guest)} for guest, watch in zip(guests, watches)],
    }


def _seed(guest: Guest) -> dict[str, Any] | None:
    for file in guest.read_only_disks:
        image = seed_image.recognize(Path(file))
        if image:
            return {"path": file, "sha256": image.sha256, "spent": image.spent}
    return None
