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
    if kind == "quota":
        return 49.0
    kept = {"noisy": 40.0, "apart": 98.0, "polite": 90.0, "equal": 50.0, "favoured": 88.0}
    return kept[variant] if guest == 1 else 120.0


def ran(variant: str, guest: int) -> float:
    """Limits that hold."""
    return {"quota_2": 50.5, "equal": 49.5, "favoured": 87.7}.get(variant, 99.0) if guest == 1 else 49.0


def test_totals_fairness_and_waiting(experiment):
    rows = {row["variant"]: row for row in contention.shared(experiment("contention", speed))}
    assert list(rows) == ["guests_1", "guests_2", "guests_3", "guests_4", "pinned_4", "quota_2"]
    assert rows["quota_2"]["total"] == pytest.approx(98, rel=0.02)
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
    assert [row["variant"] for row in contention.shared(made)] == ["guests_1", "guests_2", "pinned_2", "quota_1"]
    assert section["tables"][-1]["rows"] == [["each on CPUs of its own", "the host has a single CPU"]]


def test_guests_that_wait_for_each_other_are_no_busy_host(experiment):
    notes = sections({"contention": experiment("contention", speed)})[0]["notes"]
    assert any("threads waited 10.0" in note.replace("\u00a0", " ") for note in notes)


def test_limits_are_judged_by_what_was_asked(experiment):
    found = {entry["variant"]: entry for entry in contention.limits(experiment("contention", speed, ran=ran))}
    assert list(found) == ["quota_2", "equal", "favoured"] and all(entry["holds"] for entry in found.values())
    assert (found["quota_2"]["asked"], found["quota_2"]["measured"]) == (50, [50.5, 49.0])
    assert found["favoured"]["asked"] == pytest.approx(100 * 8 / 9)
    assert found["favoured"]["measured"] == [87.7]  # the neighbour goes on when its victim has ended


@pytest.mark.parametrize(("variant", "measured"), [("quota_2", 60.0), ("quota_2", 30.0), ("favoured", 70.0)])
def test_a_limit_that_does_not_hold_is_told(experiment, variant, measured):
    made = experiment(
        "contention", speed, ran=lambda name, guest: measured if name == variant and guest == 1 else ran(name, guest)
    )
    assert [entry["variant"] for entry in contention.limits(made) if not entry["holds"]] == [variant]
    assert any("the limit does not hold" in sentence for sentence in sections({"contention": made})[0]["sentences"])


def test_a_host_without_control_groups_has_rows_with_the_reason(experiment):
    reason = "no control group can be made in /sys/fs/cgroup: Read-only file system"
    section = sections({"contention": experiment("contention", speed, cpu_limits={"reason": reason})})[0]
    assert section["tables"][-1]["rows"] == [
        ["2 guests, 50.0\u00a0% of a CPU for each", reason],
        ["on one CPU, with equal shares", reason],
        ["on one CPU, with an eighth of the shares", reason],
    ]
    assert "What limits of processor time do" not in [table["title"] for table in section["tables"]]


def test_the_section_draws_and_tells(experiment):
    section = sections({"contention": experiment("contention", speed, ran=ran)})[0]
    limits = next(table for table in section["tables"] if table["title"] == "What limits of processor time do")
    assert limits["rows"][0][1:] == ["50.0\u00a0%", "50.5\u00a0%, 49.0\u00a0%", "holds"]
    assert limits["rows"][2][1] == "88.9\u00a0%"
    assert any("beside a noisy neighbour: a guest loses" in sentence for sentence in section["sentences"])
    assert section["charts"][0]["svg"].startswith("<svg")
