# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports whose documents come from experiments: what of them is compared, and what counts as worse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench import compare_experiments
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.compare import compare, worse
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.experiments import DESIGNS, document
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.export import as_junit, validate
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.languages import speaking
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.report import report

ROLES = Path(__file__).parents[5] / "roles"
REPORT, COMPARISON = (
    json.loads((ROLES / path).read_text())
    for path in ("report/files/report.schema.json", "compare/files/compare.schema.json")
)
LADDER = {"native": 1000.0, "user": 250.0, "guest": 200.0, "smp": 190.0, "clock": 50.0}
LADDER |= {"total_native": 1000.0, "total_guest": 50.0}


@pytest.fixture
def compared(experiment):
    """C(compared(kind, before, after)) -> two reports of nothing but an experiment; speeds as of C(experiment)."""

    def made(kind, before, after, results=None, facts=None, rounds=7, **options):
        reports = []
        for speed, differing in ((before, {}), (after, facts or {})):
            found = document(results, experiment(kind, speed, rounds, **differing), "here", {"accelerator": "tcg"})
            reports.append(
                report([found], None, "hypervisors[].summary.comparisons[]", [], title="Lab", generated="now")
            )
            validate(reports[-1], REPORT)
        defaults = {"query": "metrics[?headline]", "threshold": 0.03, "title": "Change", "generated": "now"}
        found = compare(reports, ["a", "b"], **{**defaults, **options})
        validate(found, COMPARISON)
        return found

    return made


def of(speeds, **changed):
    """Speeds by variant, some of them changed, whatever the test."""
    known = {**speeds, **changed}
    return lambda variant, _test, _guest: known.get(variant, 100.0)


def verdicts(comparison, test="cpu"):
    found = [entry for entry in comparison["comparisons"][0]["entries"] if entry["test"] == test]
    return {(entry["target"], entry["id"].rpartition(".")[2]): entry["verdict"] for entry in found}


def section_of(comparison, name):
    return next(section for section in comparison["sections"] if section["name"] == name)


def test_a_factor_that_grew_is_worse_and_so_is_the_whole(compared):
    found = compared("attribution", of(LADDER), of(LADDER, clock=25.0, total_guest=25.0))
    assert verdicts(found) == {
        ("user", "from_native"): "no significant change",
        ("guest", "from_user"): "no significant change",
        ("smp", "from_guest"): "no significant change",
        ("clock", "from_smp"): "worse",
        ("clock", "product"): "worse",
        ("total_guest", "total"): "worse",
    }
    grown = next(entry for entry in found["comparisons"][0]["entries"] if entry["id"] == "attribution.cpu.from_smp")
    assert (grown["base"], grown["other"]) == (pytest.approx(3.8, rel=0.05), pytest.approx(7.6, rel=0.05))
    assert grown["low"] <= 2 <= grown["high"] and grown["better"] == "lower" and grown["n"] == [7, 7]
    assert "clock attribution.cpu.from_smp" in worse(found) and found["worse"] == 6


def test_rungs_that_are_not_neighbours_in_both_are_not_compared(compared):
    found = compared("attribution", of(LADDER), of(LADDER), facts={"qemu_user": ""})
    assert set(verdicts(found)) == {
        ("smp", "from_guest"),
        ("clock", "from_smp"),
        ("clock", "product"),
        ("total_guest", "total"),
    }


def test_a_faster_machine_does_not_change_a_slow_down(compared):
    found = compared("quick", of({"native": 1000.0}), of({"native": 2000.0, "tcg": 200.0}))
    assert verdicts(found) == {("tcg", "slow_down"): "no significant change"}


def test_a_guest_as_it_comes_that_became_faster_makes_no_setting_worse(compared):
    slow, fast = of({"baseline": 100.0, "tsc": 400.0}), of({"baseline": 400.0, "tsc": 400.0})
    found = compared("tuning", slow, fast)
    assert found["worse"] == 0 and verdicts(found)["baseline", "events_per_second"] == "better"
    rates, effects = section_of(found, "tuning")["tables"]
    assert len(rates["columns"]) == 6 and rates["rows"]
    row = next(row for row in effects["rows"] if row[0] == "cpu: clock source: TSC")
    assert [float(cell.split("×")[0].split()[0]) for cell in row[1:]] == pytest.approx([4, 1, 0.25], rel=0.05)


def test_what_guests_share_is_compared_by_all_of_them_by_fairness_and_by_what_is_left(compared):
    def before(variant, _test, guest):
        return 50.0 if variant == "noisy" and guest == 1 else 100.0

    def after(variant, _test, guest):
        if variant == "guests_2":
            return 160.0 if guest == 1 else 40.0
        return 30.0 if variant == "noisy" and guest == 1 else 100.0

    found = verdicts(compared("contention", before, after))
    assert found["guests_2", "fairness"] == found["noisy", "kept"] == "worse"
    assert found["guests_2", "total"] == found["apart", "kept"] == "no significant change"
    assert ("guests_1", "fairness") not in found and ("noisy", "total") not in found


def test_few_rounds_tell_nothing(compared):
    found = compared("quick", of({"native": 1000.0}), of({"native": 4000.0}), rounds=2)
    assert set(verdicts(found).values()) == {"inconclusive"}


@pytest.mark.parametrize(("kind", "expected"), [("tuning", 3), ("contention", 1)])
def test_the_usual_rounds_are_enough_however_much_is_compared(kind, expected, compared):
    assert compared(kind, of({}), of({"tsc": 80.0, "guests_4": 80.0}), rounds=6)["worse"] == expected


def test_rounds_and_experiments_are_corrected_each_for_itself(compared, results):
    alone = compared("quick", of({"native": 1000.0}), of({"native": 1000.0}), experiments=[], results=results)
    both = compared("quick", of({"native": 1000.0}), of({"native": 1000.0}), results=results)
    rounds = [entry for entry in both["comparisons"][0]["entries"] if not entry["experiment"]]
    assert rounds == alone["comparisons"][0]["entries"] and len(both["comparisons"][0]["entries"]) == len(rounds) + 2
    assert [section["name"] for section in both["sections"]] == ["changes", "quick"]


def test_an_experiment_that_one_report_lacks_is_left_out(experiment, results):
    lacking, having = (
        report([found], None, "hypervisors[].summary.comparisons[]", [], title="Lab", generated="now")
        for found in (results, document(results, experiment("quick", of({"native": 1000.0})), "here", {}))
    )
    found = compare([lacking, having], ["a", "b"], query="metrics[?headline]", threshold=0.03, title="", generated="")
    assert {entry["experiment"] for entry in found["comparisons"][0]["entries"]} == {""}


def test_machines_are_told_apart_without_rounds(compared):
    other = {"qemu": {"path": "/opt/qemu", "version": "10.0.2"}, "usable_cpus": [0, 1, 2]}
    found = compared("quick", of({"native": 1000.0}), of({"native": 1000.0}), facts=other)
    assert found["comparisons"][0]["environment"] == [
        {"what": "CPUs", "base": "2", "other": "3"},
        {"what": "QEMU", "base": "7.2.22", "other": "10.0.2"},
    ]


@pytest.mark.parametrize("kind", DESIGNS)
def test_every_experiment_can_be_compared_and_read_in_indonesian(kind, compared):
    same = of({"native": 1000.0})
    with speaking("id"):
        spoken = compared(kind, same, same)
    english = compared(kind, same, same)
    assert set(compare_experiments.KINDS) == set(DESIGNS)
    assert section_of(spoken, kind)["title"] != section_of(english, kind)["title"]
    assert not set(section_of(spoken, kind)["notes"]) & set(section_of(english, kind)["notes"])
    assert section_of(english, kind)["charts"][0]["svg"].startswith("<svg")
    assert f'tests="{len(english["comparisons"][0]["entries"])}"' in as_junit(english)
