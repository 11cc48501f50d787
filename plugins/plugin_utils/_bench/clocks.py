# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What another clock gains, where an experiment measured it."""

from __future__ import annotations

from collections.abc import Mapping

from .attribution import Factor, factor
from .experiments import attribution, tuning
from .experiments.values import Experiment, runs, values

TEST = "memory"
"""Its events are the shortest, so that it shows a clock most."""
_PAIRS = ((attribution.KIND, "clock", "smp"), (tuning.KIND, tuning.BASELINE, tuning.CLOCK))
"""Variants that differ in the clock alone: the guest's own choice, and TSC."""


def gain(experiments: Mapping[str, Experiment], clock: str) -> Factor | None:
    """How many times faster TSC is than C(clock) under TCG; None where nothing proved that it is faster."""
    for kind, slow, fast in _PAIRS:
        experiment = experiments.get(kind)
        if experiment and _read(experiment, slow) == {clock}:
            samples = values(experiment, fast, TEST), values(experiment, slow, TEST)
            found = factor(*samples) if all(samples) else None
            if found and found["low"] is not None and found["low"] > 1:
                return found
    return None


def _read(experiment: Experiment, variant: str) -> set[str]:
    """What the guests of a variant read the time from."""
    return {run["result"]["environment"]["clock_source"]["current"] for run in runs(experiment, variant)}
