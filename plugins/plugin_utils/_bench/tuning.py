# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What each setting does, one at a time against the same baseline, the largest effect first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import yaml

from . import statistics
from .experiments import tuning as design
from .experiments.values import Experiment, values

Effect = dict[str, Any]

NOTICEABLE = 0.03
"""A change below 3 % is not worth a setting, even where it is certain."""
CHANCE = 0.01
"""Of a hundred settings that do nothing, one may be taken for an effect: many are tried, so it is less than usual."""
ENOUGH_ROUNDS = 5
"""With fewer, not even samples that lie wholly apart are less likely than that."""
FASTER, SLOWER, NOISE, UNCERTAIN = "faster", "slower", "within noise", "too few rounds to tell"


def effects(experiment: Experiment) -> list[Effect]:
    """For each test and variant the rate as a multiple of the baseline's, with its interval and a verdict."""
    found = []
    for test in (test["name"] for test in experiment["settings"]["tests"]):
        baseline = design.baseline_of(test)
        base = values(experiment, baseline, test)
        for variant in experiment["variants"]:
            changed = values(experiment, variant["name"], test)
            if variant["name"] == baseline or not base or not changed:
                continue
            ratio = statistics.median(changed) / statistics.median(base)
            interval = statistics.ratio_interval(changed, base) or {"low": None, "high": None}
            effect = {"value": ratio, "low": interval["low"], "high": interval["high"]}
            found.append(
                {
                    "variant": variant["name"],
                    "test": test,
                    **effect,
                    "verdict": _verdict(effect, changed, base),
                    "applied": design.applied(variant),
                }
            )
    return sorted(found, key=lambda effect: max(effect["value"], 1 / effect["value"]), reverse=True)


def _verdict(effect: Effect, changed: list[float], base: list[float]) -> str:
    """Whether the effect is large enough to care, and chance alone hardly ever makes one so large."""
    low, high = effect["low"], effect["high"]
    if low is None or low <= 1 <= high or abs(effect["value"] - 1) < NOTICEABLE:
        return NOISE
    if min(len(changed), len(base)) < ENOUGH_ROUNDS:
        return UNCERTAIN
    if statistics.chance(changed, base) > CHANCE:
        return NOISE
    return FASTER if effect["value"] > 1 else SLOWER


def winners(found: Sequence[Effect]) -> list[str]:
    """The variants that make a test faster and none slower, the best first; of alternatives only the best."""
    harmful = {effect["variant"] for effect in found if effect["verdict"] == SLOWER}
    best = dict.fromkeys(
        effect["variant"] for effect in found if effect["verdict"] == FASTER and effect["variant"] not in harmful
    )
    chosen: list[str] = []
    taken: dict[str, Any] = {}
    for name in best:
        wanted = _applied(found, name)
        if all(taken.get(key, value) == value for key, value in wanted.items()):
            chosen.append(name)
            taken.update(wanted)
    return chosen


def _applied(found: Sequence[Effect], name: str) -> dict[str, Any]:
    return next(effect["applied"] for effect in found if effect["variant"] == name)


def unapplied(found: Sequence[Effect]) -> list[str]:
    """The winners that no variable of the role guest applies."""
    return [name for name in winners(found) if not _applied(found, name)]


def variables(found: Sequence[Effect]) -> dict[str, Any]:
    """The variables of the role guest that apply the winners."""
    applied: dict[str, Any] = {}
    for name in winners(found):
        applied.update(_applied(found, name))
    return applied


def snippet(found: Sequence[Effect]) -> list[str]:
    """They as lines of an inventory; empty where no setting wins."""
    applied = variables(found)
    return (
        ["guests:", "  vars:", *(f"    {name}: {written(value)}" for name, value in applied.items())] if applied else []
    )


def written(value: Any) -> str:
    """A value in YAML's short form, on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=math.inf)
    return str(text).removesuffix("...\n").strip()  # the end mark of a lone value
