# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import threading
import time

import pytest

from ansible_collections.mini.hypervisor.plugins.plugin_utils._inventory.parallel import in_parallel


def test_results_and_errors_come_in_order():
    futures = in_parallel([lambda: 1, lambda: 1 // 0, lambda: 3], 10, workers=2)
    assert [futures[0].result(0), futures[2].result(0)] == [1, 3]
    with pytest.raises(ZeroDivisionError):
        futures[1].result(0)


def test_nobody_waits_for_the_late():
    end = threading.Event()
    start = time.monotonic()
    late, never_begun = in_parallel([lambda: end.wait(30), lambda: 1], 0.2, workers=1)
    assert not late.done() and not never_begun.done()
    assert time.monotonic() - start < 20
    end.set()


def test_nothing_to_do():
    assert in_parallel([], 10, workers=5) == []
