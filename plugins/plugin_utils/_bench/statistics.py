# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Intervals without the assumption of a normal distribution, from SciPy."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
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
        low, high = _places(len(values))
        ordered = sorted(values)
        return {"low": float(ordered[low]), "high": float(ordered[high]), "method": ORDER_STATISTICS}
    return _bootstrap((values,), lambda sample, axis: library("numpy").median(sample, axis=axis))


def half_width(values: Sequence[float]) -> float | None:
    """Half the interval of the median, as a share of the median; None for a single value."""
    interval, middle = median_interval(values), median(values) if values else 0.0
    return None if interval is None or not middle else (interval["high"] - interval["low"]) / 2 / abs(middle)


@lru_cache(maxsize=None)
def _places(number: int) -> tuple[int, int]:
    """Which of so many ordered values bound the median; SciPy's answer depends on their number alone."""
    ranks = range(number)
    found = library("scipy.stats").quantile_test(ranks, q=median(ranks), p=0.5).confidence_interval(CONFIDENCE)
    return int(found.low), int(found.high)


def ratio_interval(above: Sequence[float], below: Sequence[float]) -> dict[str, Any] | None:
    """The confidence interval of median(above) / median(below); None where one has a single value."""
    if len(above) < 2 or len(below) < 2:
        return None
    numpy = library("numpy")
    return _bootstrap((above, below), lambda a, b, axis: numpy.median(a, axis=axis) / numpy.median(b, axis=axis))


def quotient_interval(above: Sequence[Sequence[float]], below: Sequence[Sequence[float]]) -> dict[str, Any] | None:
    """The confidence interval of a product of medians over another; None where a sample has a single value."""

    def quotient(medians: Sequence[Any]) -> Any:
        numpy = library("numpy")
        return numpy.prod(medians[: len(above)], axis=0) / numpy.prod(medians[len(above) :], axis=0)

    return interval_of([*above, *below], quotient)


def interval_of(samples: Sequence[Sequence[float]], statistic: Callable[[Sequence[Any]], Any]) -> dict[str, Any] | None:
    """The confidence interval of what is computed from the medians of samples; None where one has a single value."""
    if any(len(sample) < 2 for sample in samples):
        return None
    numpy = library("numpy")
    return _bootstrap(
        tuple(samples), lambda *drawn, axis: statistic([numpy.median(sample, axis=axis) for sample in drawn])
    )


def chance(one: Sequence[float], other: Sequence[float]) -> float:
    """How often chance alone parts two samples so far: the permutation test of their ranks (Mann and Whitney).

    An outlier moves it no further than its place in the order.
    """
    return float(library("scipy.stats").mannwhitneyu(one, other, alternative="two-sided").pvalue)


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


def difference(above: Sequence[float], below: Sequence[float]) -> float:
    """The probability of samples so far apart if both came from one distribution: a permutation test of their ranks.

    Of ranks, so that an outlier has no more weight than any other value; of their means, because those of few medians
    coincide so often that nothing would ever be certain.
    """
    numpy = library("numpy")
    stats = library("scipy.stats")
    ranks = stats.rankdata([*above, *below])
    found = stats.permutation_test(
        (ranks[: len(above)], ranks[len(above) :]),
        lambda a, b, axis: numpy.mean(a, axis=axis) - numpy.mean(b, axis=axis),
        n_resamples=RESAMPLES,
        vectorized=True,
        random_state=numpy.random.default_rng(SEED),
    )
    return float(found.pvalue)


def between(samples: Sequence[Sequence[float]]) -> float:
    """The probability of samples whose means lie so far apart if all came from one distribution.

    The permutation test of C(difference) for any number of samples: of their ranks, by Kruskal's and Wallis' statistic.
    """
    numpy = library("numpy")
    stats = library("scipy.stats")
    ranks = stats.rankdata([value for sample in samples for value in sample])
    bounds = numpy.cumsum([len(sample) for sample in samples])[:-1]
    found = stats.permutation_test(
        numpy.split(ranks, bounds),
        lambda *drawn, axis: sum(one.shape[axis] * numpy.mean(one, axis=axis) ** 2 for one in drawn),
        n_resamples=RESAMPLES,
        vectorized=True,
        alternative="greater",
        random_state=numpy.random.default_rng(SEED),
    )
    return float(found.pvalue)


def holm(probabilities: Sequence[float]) -> list[float]:
    """The probabilities, each corrected for there being several of them (Holm)."""
    order = sorted(range(len(probabilities)), key=probabilities.__getitem__)
    corrected, least = [0.0] * len(probabilities), 0.0
    for rank, place in enumerate(order):
        least = max(least, min(1.0, (len(probabilities) - rank) * probabilities[place]))
        corrected[place] = least
    return corrected


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
