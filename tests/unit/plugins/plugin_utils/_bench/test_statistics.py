# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench import statistics


@pytest.mark.parametrize(("n", "low", "high"), [(6, 1, 6), (9, 2, 8), (12, 3, 10), (15, 4, 12), (20, 6, 15)])
def test_the_median_has_the_interval_of_order_statistics(n, low, high):
    found = statistics.median_interval(list(range(1, n + 1)))
    assert found == {"low": low, "high": high, "method": "order statistics"}


def test_few_values_are_bootstrapped_and_one_has_no_interval():
    found = statistics.median_interval([1.0, 2.0, 3.0])
    assert found["method"] == "percentile bootstrap" and (found["low"], found["high"]) == (1.0, 3.0)
    assert statistics.median_interval([1.0]) is None
    assert statistics.ratio_interval([1.0], [1.0, 2.0]) is None


def test_the_ratio_is_the_same_each_time_and_holds_the_truth():
    above, below = [1.9, 2.0, 2.1, 2.05, 1.95, 2.0], [9.9, 10.0, 10.1, 10.0, 9.8, 10.2]
    found = statistics.ratio_interval(above, below)
    assert 0.185 < found["low"] < 0.2 < found["high"] < 0.215
    assert found == statistics.ratio_interval(above, below)


def test_outliers_are_found_by_robust_deviation():
    assert statistics.outliers([10.0, 10.1, 9.9, 10.05, 14.0]) == [4]
    assert statistics.outliers([10.0, 10.0, 10.0, 99.0]) == []  # without a spread there is no measure


def test_chance_is_that_of_permuted_ranks():
    # 2 of the 252 ways to deal ten values into two hands of five.
    assert statistics.chance([1, 2, 3, 4, 5], [6, 7, 8, 9, 1000]) == pytest.approx(2 / 252)
    assert statistics.chance([1, 2], [3, 4]) == pytest.approx(1 / 3)
    assert statistics.chance([1, 3, 5, 7, 9], [2, 4, 6, 8, 10]) > 0.5


def test_a_quotient_of_medians_holds_the_truth():
    a, b, c = [9.9, 10.0, 10.1, 10.0], [4.9, 5.0, 5.1, 5.0], [1.98, 2.0, 2.02, 2.0]
    found = statistics.quotient_interval([a, c], [b, c])
    assert 1.9 < found["low"] < 2 < found["high"] < 2.1
    assert statistics.quotient_interval([a], [[1.0]]) is None
