# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Intervals without the assumption of a normal distribution, from SciPy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .libraries import library

CONFIDENCE = 0.95
RESAMPLES = 9999
SEED = 20260131
"""Fixed, so that the same rounds give the same report."""

ORDER_STATISTICS = "order statistics"
BOOTSTRAP = "percentile bootstrap"
EXACT_FROM = 6
"""The fewest values whose smallest and largest hold the median with a confidence of 95 %."""
OUTLIER = 3.5


def median(values: Sequence[float]) -> float:
    """The median."""
    return float(library("numpy").median(values))


def median_interval(values: Sequence[float]) -> dict[str, Any] | None:
    """The confidence interval of the median and how it was found; None for a single value."""
    if len(values) < 2:
        return None
    if len(values) >= EXACT_FROM:
        stats = library("scipy.stats")
        found = stats.quantile_test(values, q=median(values), p=0.5).confidence_interval(CONFIDENCE)
        return {"low": float(found.low), "high": float(found.high), "method": ORDER_STATISTICS}
    return _bootstrap((values,), lambda sample, axis: library("numpy").median(sample, axis=axis))


def half_width(values: Sequence[float]) -> float | None:
    """Half the interval of the median, as a share of the median; None for a single value."""
    interval, middle = median_interval(values), median(values) if values else 0.0
    return None if interval is None or not middle else (interval["high"] - interval["low"]) / 2 / abs(middle)


def ratio_interval(above: Sequence[float], below: Sequence[float]) -> dict[str, Any] | None:
    """The confidence interval of median(above) / median(below); None where one has a single value."""
    if len(above) < 2 or len(below) < 2:
        return None
    numpy = library("numpy")
    return _bootstrap((above, below), lambda a, b, axis: numpy.median(a, axis=axis) / numpy.median(b, axis=axis))


def outliers(values: Sequence[float]) -> list[int]:
    """The places of values further from the median than 3.5 robust standard deviations (of the MAD)."""
    if len(values) < 3:
        return []
    spread = float(library("scipy.stats").median_abs_deviation(values, scale="normal"))
    if spread == 0:
        return []
    middle = median(values)
    return [place for place, value in enumerate(values) if abs(value - middle) / spread > OUTLIER]


def variation(values: Sequence[float]) -> float | None:
    """The coefficient of variation; None for a single value."""
    if len(values) < 2:
        return None
    found = float(library("scipy.stats").variation(values, ddof=1))
    return found if math.isfinite(found) else None


def _bootstrap(samples: tuple[Sequence[float], ...], statistic: Any) -> dict[str, Any]:
    numpy = library("numpy")
    found = (
        library("scipy.stats")
        .bootstrap(
            tuple(numpy.asarray(sample, dtype=float) for sample in samples),
            statistic,
            confidence_level=CONFIDENCE,
            n_resamples=RESAMPLES,
            method="percentile",
            paired=False,
            vectorized=True,
            random_state=numpy.random.default_rng(SEED),
        )
        .confidence_interval
    )
    return {"low": float(found.low), "high": float(found.high), "method": BOOTSTRAP}
