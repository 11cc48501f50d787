# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The guests of all hypervisors, which are read at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ...module_utils._errors import HypervisorError
from .hypervisors import Hypervisor
from .parallel import in_parallel
from .sweep import Sweep, Wish, sweep

UNREACHABLE = frozenset({"CONNECTION_TIMEOUT", "CONNECTION_FAILED", "DISCONNECTED"})


@dataclass
class Gathered:
    """What was found; C(complete) is false where a hypervisor could not be read."""

    guests: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    complete: bool = True


def gather(hypervisors: Sequence[Hypervisor], wish: Wish, tolerant: bool) -> Gathered:
    """All guests. A hypervisor that cannot be read is an error, to a C(tolerant) caller a warning."""
    sweeps = [_Task(each, wish) for each in hypervisors]
    gathered = Gathered()
    # The connection's own deadline is as long and knows more, so it gets the chance to speak.
    for hypervisor, future in zip(hypervisors, in_parallel(sweeps, wish.timeout + 1, len(sweeps))):
        try:
            found: Sweep = future.result(0) if future.done() else _late(hypervisor, wish)
        except HypervisorError as error:
            problem = HypervisorError(f"Hypervisor {hypervisor.name}: {error}", error.code, **error.details)
            if not tolerant or error.code not in UNREACHABLE:
                raise problem from error
            gathered.warnings.append(f"{problem} Its guests are missing from the inventory.")
            gathered.complete = False
        else:
            gathered.guests += found.guests
            gathered.warnings += found.warnings
    return gathered


@dataclass(frozen=True)
class _Task:
    hypervisor: Hypervisor
    wish: Wish

    def __call__(self) -> Sweep:
        return sweep(self.hypervisor, self.wish)


def _late(hypervisor: Hypervisor, wish: Wish) -> Sweep:
    raise HypervisorError(
        f"{hypervisor.uri} was not read within {wish.timeout} s: check that its daemon is not stopped or overloaded, or"
        " give it more time (timeout).",
        "CONNECTION_TIMEOUT",
        uri=hypervisor.uri,
    )
