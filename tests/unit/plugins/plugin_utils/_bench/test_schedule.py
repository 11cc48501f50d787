# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.schedule import schedule


def test_rounds_are_interleaved_and_the_order_alternates():
    plan = schedule([{"name": "cpu"}, {"name": "memory"}], 3, ["native", "a"])
    assert [(run["round"], run["test"]["name"], run["target"]) for run in plan][:8] == [
        (1, "cpu", "native"),
        (1, "cpu", "a"),
        (1, "memory", "native"),
        (1, "memory", "a"),
        (2, "cpu", "a"),
        (2, "cpu", "native"),
        (2, "memory", "a"),
        (2, "memory", "native"),
    ]
    assert plan[-1]["label"] == "round 3 of 3: memory on a (run 12 of 12)"
    assert [run["position"] for run in plan] == list(range(1, 13))
