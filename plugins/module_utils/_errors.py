# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The one exception of the collection: a sentence for people, a code for programs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Iterator, Mapping


class HypervisorError(Exception):
    """Something the user asked for cannot be done.

    The message names the object, says what is wrong and what to do. C(code) is a constant in
    capitals that playbooks can test; C(details) are JSON-serialisable facts about the failure.
    C(attempted) is the result that a run was working towards when it failed; empty where it had changed nothing.
    """

    def __init__(self, message: str, code: str = "FAILED", **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.details = details
        self.attempted: Mapping[str, Any] = {}


@contextmanager
def attempted(result: Mapping[str, Any]) -> Iterator[None]:
    """An error inside the block tells that this was being carried out, and may have been in part."""
    try:
        yield
    except HypervisorError as error:
        error.attempted = result
        raise
