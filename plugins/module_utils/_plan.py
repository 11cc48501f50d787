# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What every converged object shares: how it is, how it shall be, and the result that tells both."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Iterator, Sequence

from ._errors import HypervisorError
from ._xml import document
from ._xml.difference import Change
from ._xml.properties import LIVE

ABSENT = "absent"


@dataclass(frozen=True)
class Facts:
    """An object as it is or shall be.

    C(document) is its persistent XML (an lxml element, None where it has none), C(state) a word of
    the module's C(state) option, C(autostart) None where the object cannot have it.
    """

    state: str = ABSENT
    autostart: bool | None = None
    document: Any = None

    def text(self) -> str:
        """The object as the text of a diff; nothing where it is absent."""
        if self.state == ABSENT:
            return ""
        autostart = "" if self.autostart is None else f"autostart: {str(self.autostart).lower()}\n"
        xml = "" if self.document is None else document.to_text(self.document)
        return f"state: {self.state}\n{autostart}{xml}"


@dataclass(frozen=True)
class Plan:
    """The way from C(before) to C(after): nothing to do exactly where C(changes) is empty."""

    before: Facts
    after: Facts
    changes: Sequence[Change]

    @property
    def redefines(self) -> bool:
        """True where the persistent document has to be written."""
        return any(change.path not in ("state", "autostart") for change in self.changes)

    def result(self, name: str) -> dict[str, Any]:
        """C(changed), C(diff) and C(changes), the same in check mode and after the work."""
        return {
            "changed": bool(self.changes),
            "diff": {
                "before": self.before.text(),
                "after": self.after.text(),
                "before_header": name,
                "after_header": name,
            },
            "changes": [change.as_dict() for change in self.changes],
        }

    @contextmanager
    def attempted(self, name: str) -> Iterator[None]:
        """An error inside the block tells that this was being carried out, and may have been in part."""
        try:
            yield
        except HypervisorError as error:
            error.attempted = self.result(name)
            raise


def make_plan(before: Facts, after: Facts, changes: Sequence[Change]) -> Plan:
    """A plan from the property C(changes), with those of state and autostart added."""
    if not changes:
        # The document that libvirt holds is the truth; ours may differ in what means nothing.
        after = replace(after, document=before.document)
    found = list(changes)
    for path in ("autostart", "state"):
        present, wanted = getattr(before, path), getattr(after, path)
        if present != wanted and ((wanted is not None and after.state != ABSENT) or path == "state"):
            found.append(Change(path, present, wanted, LIVE))
    return Plan(before, after, found)
