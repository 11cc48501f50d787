# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guest inside a guest stands beside the others, and the factor of nesting is found."""

from __future__ import annotations

import json
import math
from pathlib import Path

import jsonschema
import pytest
from support import results as builder

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench import machines, nested, nesting, stopping
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.cautions import cautions
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.languages import speaking
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.report import report
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.summary import summarise

SCHEMA = json.loads((Path(__file__).parents[5] / "roles/report/files/report.schema.json").read_text())
REFUSED = "kvm is not usable: /dev/kvm does not exist"
OUTER = [0.2, 0.21, 0.19, 0.2, 0.2, 0.22, 0.18]
NATIVE = [1.0, 1.01, 0.99, 1.0, 1.0, 1.02, 0.98]


def boot(turn: int, speed: float, *names: str) -> dict:
    """What probe_run returned for a boot in which each test was so fast."""
    runs = [{"name": name, "host_time_s": 1.02, **recorded(name, speed)} for name in names]
    environment = builder.run("cpu", 1.0, "hpet")["environment"]
    guest = {
        "name": "probe guest 1",
        "command": ["qemu-system-x86_64"],
        "settings": {"vcpus": 1},
        "boot_s": 40.0 + turn,
        "environment": {"first": environment, "last": environment},
        "runs": runs,
    }
    probe = {
        "accelerator": "tcg",
        "accelerator_reason": REFUSED,
        "qemu": {"path": "/usr/bin/qemu-system-x86_64", "version": "7.2.22"},
        "image": {"programs": {"sysbench": {"path": "/usr/bin/sysbench", "sha256": "cd" * 32}}},
        "load_average": {"before": [0.3, 0.2, 0.1], "after": [0.9, 0.4, 0.1]},
        "guests": [guest],
    }
    return {"item": {"round": turn, "boot": 1}, "probe": probe}


def recorded(name: str, speed: float) -> dict:
    of_module = ("wall_time_s", "load_average", "cpu_percent", "environment", "executable")
    found = builder.run("memory" if name == "memory" else "cpu", speed, "hpet")
    return {key: value for key, value in found.items() if key not in of_module}


def failed(turn: int, reason: str) -> dict:
    return {"item": {"round": turn, "boot": 1}, "failed": False, "msg": reason}


@pytest.fixture
def with_nested():
    """C(with_nested(boots)) -> results of seven rounds with these boots of a guest inside the guest."""
    return lambda boots: builder.measured(OUTER, NATIVE, nested={"guest": "lab", "boots": boots})


@pytest.fixture
def boots():
    """It does an eighth of what the guest around it does, in three rounds."""
    speeds = (0.025, 0.0255, 0.0245)
    return [boot(0, 0.025, "warm-up"), *(boot(turn, speed, "cpu", "memory") for turn, speed in enumerate(speeds, 1))]


def test_it_is_a_target_beside_the_others(with_nested, boots):
    found = with_nested(boots)
    row = found["substrates"][-1]
    assert (row["name"], row["kind"], row["available"], row["nested"]["accelerator"]) == (
        "nested",
        "nested",
        True,
        "tcg",
    )
    assert row["nested"]["boot_s"] == [40.0, 41.0, 42.0, 43.0] and row["nested"]["accelerator_reason"] == REFUSED
    target = found["targets"][-1]
    assert (target["kind"], target["binary_sha256"]) == ("nested", found["targets"][1]["binary_sha256"])
    assert target["warm_up"]["test"] == "cpu" and target["load_before"] == 0.3
    rate = next(
        e for e in summarise(found)["comparisons"] if e["id"] == "cpu.events_per_second" and e["kind"] == "nested"
    )
    assert rate["ratio"]["value"] == pytest.approx(0.025) and rate["guest"]["n"] == 3


def test_its_runs_are_the_last_of_their_round_and_all_are_numbered(with_nested, boots):
    runs = with_nested(boots)["runs"]
    assert [run["position"] for run in runs] == list(range(1, len(runs) + 1))
    assert [run["round"] for run in runs] == sorted(run["round"] for run in runs)
    places = [place for place, run in enumerate(runs) if run["target"] == "nested"]
    assert places == [4, 5, 10, 11, 16, 17]


def test_it_does_not_decide_how_long_the_rounds_go_on(with_nested, boots):
    runs = with_nested([])["runs"]
    ended = [stopping.progress(runs, stopping.Rule(7, 7, 0.2, 0), 60.0)]
    found = builder.measured(OUTER, NATIVE, nested={"guest": "lab", "boots": boots}, stopping=ended)
    assert {metric["target"] for metric in found["stopping"]["metrics"]} == {"native", "lab"}


@pytest.mark.parametrize(
    "boots",
    [
        [failed(0, "qemu-system-x86_64 is not installed")],
        [boot(0, 0.1, "warm-up"), failed(1, "x"), failed(2, "qemu-system-x86_64 is not installed")],
    ],
    ids=["never", "only as a warm-up"],
)
def test_one_that_cannot_run_is_a_row_with_its_reason(with_nested, boots):
    found = with_nested(boots)
    assert [found["substrates"][-1][key] for key in ("name", "reason")] == [
        "nested",
        "qemu-system-x86_64 is not installed",
    ]
    assert machines.substrates(found)["rows"][-1][2:] == ["no", "qemu-system-x86_64 is not installed"]
    assert "nested was not measured, it does not run here: qemu-system-x86_64 is not installed" in cautions(
        found, summarise(found)
    )
    assert {run["target"] for run in found["runs"]} == {"native", "lab"}
    assert nesting.ladders(found, summarise(found)) == []


def test_the_factors_multiply_to_the_total(with_nested, boots):
    found = with_nested(boots)
    for ladder in nesting.ladders(found, summarise(found)):
        outer, inner = ladder["steps"]
        assert (outer["value"], inner["value"]) == (pytest.approx(5), pytest.approx(8))
        assert inner["low"] < 8 < inner["high"]
        assert outer["value"] * inner["value"] == pytest.approx(ladder["total"]["value"]) and not ladder["exact"]


def test_what_a_study_guesses_of_nesting_stands_beside_what_was_measured(with_nested, boots):
    found = with_nested(boots)
    causes = [{"test": "cpu", "id": "nesting"}, {"test": "cpu", "id": "other"}, {"test": "threads", "id": "nesting"}]
    told = nesting.answered({"title": "A study", "causes": causes}, found, summarise(found))
    assert told["title"] == "A study" and told["causes"][1] == causes[1] and told["causes"][2]["share"] is None
    share = told["causes"][0]["share"]
    assert share["value"] == pytest.approx(math.log(8) / math.log(40))
    assert share["low"] < share["value"] < share["high"]


def test_where_less_is_better_slower_is_more():
    def metric(target: str, value: float) -> dict:
        shown = {"id": "mutex.total_time", "test": "mutex", "target": target, "unit": "s", "better": "lower"}
        return {**shown, "headline": True, "median": value, "values": [value, value], "n": 2}

    results = {"substrates": [{"nested": {"guest": "lab"}}], "settings": {"tests": [{"name": "mutex"}]}}
    summary = {"metrics": [metric("native", 1.0), metric("lab", 3.0), metric("nested", 6.0)]}
    (ladder,) = nesting.ladders(results, summary)
    assert [step["value"] for step in ladder["steps"]] == [3.0, 2.0] and ladder["total"]["value"] == 6.0


def test_the_report_tells_of_it_in_every_language(with_nested, boots):
    results = with_nested([*boots, failed(4, "it did not boot in time")])
    for language, sentence in (
        ("en", "cpu: nesting costs 8.00× [7.45–8.98]: the guest inside lab is that much slower than lab"),
        ("id", "cpu: penyarangan memakan 8,00×"),
    ):
        with speaking(language):
            document = report([results], None, "hypervisors[].summary.comparisons[]", [], title="T", generated="now")
        jsonschema.validate(document, SCHEMA)
        hypervisor = document["hypervisors"][0]
        section = next(section for section in hypervisor["sections"] if section["name"] == "nesting")
        assert section["sentences"][0].startswith(sentence.partition(" [")[0]) and len(section["charts"]) == 2
        assert section["sentences"][0] in hypervisor["conclusions"]
        assert section["tables"][-1]["rows"] == [["4", "it did not boot in time"]]
        assert REFUSED in section["notes"][0]


def test_the_machines_table_shows_what_it_runs_under(with_nested, boots):
    found = with_nested(boots)
    rows = {row[0]: row[-1] for row in machines.machines(found)["rows"]}
    assert (rows["Role"], rows["Accelerator"], rows["Machine"]) == ("guest inside a guest", "TCG", "inside lab")
    assert machines.substrates(found)["rows"][-1][:3] == ["nested", "guest inside lab, under TCG", "yes"]


def test_without_it_nothing_changes(results):
    assert nested.targets([]) == [] and nested.runs([]) == []
    assert {run["target"] for run in results["runs"]} == {"native", "lab"}
