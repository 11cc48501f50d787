# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The order of a benchmark's runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def schedule(tests: Sequence[Mapping[str, Any]], rounds: int, targets: Sequence[str]) -> list[dict[str, Any]]:
    """All runs, interleaved: every round has every test on every target, and the order of targets alternates.

    So a drift of the machine meets all targets alike, and none of them always runs first.
    """
    total = rounds * len(tests) * len(targets)
    plan: list[dict[str, Any]] = []
    for turn in range(1, rounds + 1):
        for test in tests:
            for target in targets if turn % 2 else reversed(targets):
                position = len(plan) + 1
                plan.append(
                    {
                        "round": turn,
                        "position": position,
                        "test": dict(test),
                        "target": target,
                        "label": f"round {turn} of {rounds}: {test['name']} on {target} (run {position} of {total})",
                    }
                )
    return plan
