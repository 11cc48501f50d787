# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A domain that was saved while it ran: its image has the definition of then, whatever is defined since."""

from __future__ import annotations

from typing import Any, Mapping

from .._errors import HypervisorError
from .._libvirt.errors import explained
from .._plan import ABSENT
from .model import SHUTDOWN, DomainFacts, DomainPlan

REFUSE, DISCARD = "refuse", "discard"


def _has_image(domain: Any) -> bool:
    with explained(f"looking for the saved image of domain {domain.name()}"):
        return bool(domain.hasManagedSaveImage(0))


def check(domain: Any, todo: DomainPlan, options: Mapping[str, Any]) -> None:
    """Refuse a change of the definition that the saved image would silently undo. Asks libvirt, changes nothing."""
    if domain is None or not todo.defines or todo.after.state == ABSENT or todo.before.state != SHUTDOWN:
        return
    if options["managed_save"] == REFUSE and _has_image(domain):
        raise HypervisorError(
            f"Domain {domain.name()} was saved while it ran, and goes on from there with the definition of then, so"
            " that its changes would wait. Start it first, or say what shall happen with its image:"
            " managed_save: discard (as if its power had failed) or managed_save: keep.",
            "MANAGED_SAVE",
            changes=[change.path for change in todo.changes],
        )


def discard(domain: Any, before: DomainFacts, options: Mapping[str, Any]) -> None:
    """Remove the saved image, where that was asked for."""
    if options["managed_save"] == DISCARD and before.state == SHUTDOWN and _has_image(domain):
        with explained(f"discarding the saved image of domain {domain.name()}"):
            domain.managedSaveRemove(0)
