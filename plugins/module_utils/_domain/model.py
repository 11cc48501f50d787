# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A domain as it is or shall be, and the way between: what the rest of this package hands around."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Sequence

from .._plan import Facts, Plan
from .._xml import document
from .._xml.difference import Change
from .properties import CONCEALED

RUNNING, PAUSED, SHUTDOWN, PRESENT = "running", "paused", "shutdown", "present"
CRASHED, SUSPENDED, NO_STATE = "crashed", "pmsuspended", "nostate"

RESTART = "restart"
"""The path of the change that is a restart, and how the changes take effect that wait for it."""


@dataclass(frozen=True)
class DomainFacts(Facts):
    """A domain as it is or shall be; C(live) is the document of the running one, C(reason) why it is in its state."""

    live: Any = None
    reason: str = ""
    persistent: bool = True
    secure: bool = True
    """Whether the document has the passwords."""

    def text(self) -> str:
        """The text of a diff, without passwords."""
        if self.document is None:
            return super().text()
        clone = document.copy(self.document)
        for each in clone.iter():
            if "passwd" in each.attrib:
                each.set("passwd", CONCEALED)
        return Facts(self.state, self.autostart, clone).text()


@dataclass(frozen=True)
class DomainPlan(Plan):
    """The way to the domain that was asked for."""

    before: DomainFacts
    after: DomainFacts
    defines: bool = False
    """Whether the definition has to be written; what the running domain alone lacks does not need that."""
    live: Sequence[Change] = field(default_factory=list)
    """What is done to the running domain."""
    pending: Sequence[Change] = field(default_factory=list)
    """What the running domain has otherwise than its definition, after the plan but for a restart."""
    restarts: bool = False

    @property
    def restart_required(self) -> bool:
        """Whether the running domain differs from its definition when the plan is carried out."""
        return bool(self.pending) and not self.restarts and self.after.state in (RUNNING, PAUSED)
