# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Several guests that want the same processors: what each gets, and what a noisy neighbour takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .variants import GUEST, cpu, tsc, variant

KIND = "contention"
MOST = 4
"""Guests at once, at most: on small hosts twice as many as there are processors."""
ALONE, NOISY, APART, POLITE = "guests_1", "noisy", "apart", "polite"
EQUAL, FAVOURED = "equal", "favoured"
QUOTA = 50
"""Percent of a CPU."""
SHARES = {EQUAL: (1024, 1024), FAVOURED: (2048, 256)}
"""The victim's and its neighbour's."""


def counts(cpus: int) -> list[int]:
    """How many guests run at once."""
    return list(range(1, min(MOST, 2 * cpus) + 1))


def design(facts: Mapping[str, Any], seconds: int) -> dict[str, Any]:
    """1 to N guests alike, pinned and with a quota as well, and a victim beside a neighbour, who is kept in check.

    Each variant is a boot more in every round, so quota and shares are tried with one number of guests only: a quota
    with as many as there are CPUs, where nothing else keeps any from having one for itself; shares with two on one CPU,
    where what each shall have is certain.
    """
    test, cpus, limits = cpu(seconds), facts["usable_cpus"], facts["cpu_limits"]["reason"]
    common = {
        "accelerator": facts["accelerator"],
        "kernel_arguments": tsc(facts) if facts["accelerator"] == "tcg" else "",
    }
    names = [test["name"]]

    def several(name: str, label: str, guests: list[dict[str, Any]], unavailable: str = "") -> dict[str, Any]:
        return variant(name, label, GUEST, names, unavailable=unavailable, guests=guests, **common)

    variants = [several(f"guests_{many}", _amount(many), [{}] * many) for many in counts(len(cpus))]
    most = counts(len(cpus))[-1]
    variants.append(
        several(
            f"pinned_{most}", f"{_amount(most)}, each pinned", [{"cpus": [cpus[n % len(cpus)]]} for n in range(most)]
        )
    )
    each = min(MOST, len(cpus))
    variants.append(
        several(f"quota_{each}", f"{_amount(each)}, {QUOTA} % of a CPU for each", [{"quota": QUOTA}] * each, limits)
    )
    # As many vCPUs as the host has CPUs, all of them busy: the victim has to share.
    greedy = {"vcpus": len(cpus), "tests": [{**test, "threads": len(cpus)}]}
    one = "the host has a single CPU" if len(cpus) < 2 else ""
    variants += [
        several(NOISY, "beside a noisy neighbour", [{}, greedy]),
        several(APART, "each on CPUs of its own", [{"cpus": cpus[:1]}, {**greedy, "cpus": cpus[1:]}], one),
        several(POLITE, "the neighbour with niceness 19", [{}, {**greedy, "nice": 19}]),
        several(EQUAL, "on one CPU, with equal shares", _sharing(EQUAL, cpus), limits),
        several(FAVOURED, "on one CPU, with an eighth of the shares", _sharing(FAVOURED, cpus), limits),
    ]
    return {"kind": KIND, "tests": [test], "variants": variants}


def _sharing(name: str, cpus: list[int]) -> list[dict[str, Any]]:
    return [{"cpus": cpus[:1], "shares": shares} for shares in SHARES[name]]


def _amount(many: int) -> str:
    return "1 guest" if many == 1 else f"{many} guests"
