# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Native against a probe guest under each accelerator: a first answer without any image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .variants import GUEST, NATIVE, cpu, memory, refused, variant

KIND = "quick"
GUESTS = {"kvm": "guest under KVM", "tcg": "guest under TCG"}


def design(facts: Mapping[str, Any], seconds: int) -> dict[str, Any]:
    """One boot of a guest under each accelerator in each round, as a machine that nobody tuned."""
    tests = [cpu(seconds), memory(seconds)]
    names = [test["name"] for test in tests]
    guests = [
        variant(name, label, GUEST, names, unavailable=refused(facts, name), accelerator=name, vcpus=2)
        for name, label in GUESTS.items()
    ]
    return {"kind": KIND, "tests": tests, "variants": [variant(NATIVE, "native", NATIVE, names), *guests]}
