# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guests that share: totals, fairness, and what a neighbour takes."""

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench import contention
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.sections import sections


def speed(variant: str, test: str, guest: int) -> float:
    """Two processors, shared evenly by guests alike; a victim that keeps 40 % beside a noisy neighbour."""
    kind, _line, many = variant.partition("_")
    if kind in ("guests", "pinned"):
        return 100.0 * min(1.0, 2 / int(many))
    return {"noisy": 40.0, "apart": 98.0, "polite": 90.0}[variant] if guest == 1 else 120.0


def test_totals_fairness_and_waiting(experiment):
    rows = {row["variant"]: row for row in contention.shared(experiment("contention", speed))}
    assert list(rows) == ["guests_1", "guests_2", "guests_3", "guests_4", "pinned_4"]
    assert rows["guests_4"]["total"] == pytest.approx(200, rel=0.02) and len(rows["guests_4"]["each"]) == 4
    assert rows["guests_4"]["fairness"] == pytest.approx(1, abs=0.001)
    assert rows["guests_4"]["wait_percent"] == 40.0
    low, high = (rows["guests_2"]["total_interval"][end] for end in ("low", "high"))
    assert low <= 200 <= high


def test_fairness_is_jains_index():
    assert contention.jain((5.0, 5.0, 5.0)) == pytest.approx(1)
    assert contention.jain((9.0, 0.0, 0.0)) == pytest.approx(1 / 3)


def test_a_victims_loss(experiment):
    found = {entry["variant"]: entry for entry in contention.isolation(experiment("contention", speed))}
    assert found["noisy"]["loss"] == pytest.approx(0.6, abs=0.02)
    assert found["noisy"]["interval"]["low"] <= 0.6 <= found["noisy"]["interval"]["high"]
    assert found["apart"]["loss"] == pytest.approx(0.02, abs=0.02)


def test_a_single_processor_cannot_keep_guests_apart(experiment):
    made = experiment("contention", speed, usable_cpus=[0])
    section = sections({"contention": made})[0]
    assert [row["variant"] for row in contention.shared(made)] == ["guests_1", "guests_2", "pinned_2"]
    assert section["tables"][-1]["rows"] == [["each on CPUs of its own", "the host has a single CPU"]]


def test_guests_that_wait_for_each_other_are_no_busy_host(experiment):
    notes = sections({"contention": experiment("contention", speed)})[0]["notes"]
    assert any("threads waited 10.0" in note.replace("\u00a0", " ") for note in notes)


def test_the_section_draws_and_tells(experiment):
    section = sections({"contention": experiment("contention", speed)})[0]
    assert any("beside a noisy neighbour: a guest loses" in sentence for sentence in section["sentences"])
    assert section["charts"][0]["svg"].startswith("<svg")
