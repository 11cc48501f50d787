# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import csv
import io
import json
from itertools import chain
from pathlib import Path

import pytest

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench import boots, statistics
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.compare import compare
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.export import as_csv, validate
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.languages import speaking
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.report import report
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.stopping import Rule, progress, together
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.summary import summarise

SCHEMA = json.loads((Path(__file__).parents[5] / "roles/report/files/report.schema.json").read_text())
FIRST = [0.200, 0.201, 0.199, 0.2005, 0.1995]
SLOWER = [value * 0.9 for value in FIRST]
STEADY = [1.0, 1.004, 0.996, 1.002, 0.998]
QUERY = "hypervisors[].summary.comparisons[]"


@pytest.fixture
def booted(measured):
    """C(booted([rounds of boot 1, ...], [those of native, ...])) -> results of the guest lab and of native."""

    def make(guest, native):
        results = measured([*chain(*guest)], [*chain(*native)])
        numbers = [number for number, rounds in enumerate(guest, 1) for _round in rounds]
        for run in results["runs"]:
            run["boot"] = numbers[run["round"] - 1]
        return results

    return make


def verdicts(results):
    return {(entry["test"], entry["target"]): entry["verdict"] for entry in boots.boots(results)}


def made(results):
    return report([results], None, QUERY, [], title="T", generated="2026-01-31T12:00:00Z")


def test_boots_that_differ_are_told_from_rounds_that_do(booted):
    found = boots.boots(booted([FIRST, SLOWER], [STEADY, STEADY]))
    cpu = next(entry for entry in found if entry["target"] == "lab" and entry["test"] == "cpu")
    assert cpu["verdict"] == boots.DIFFER
    assert [boot["n"] for boot in cpu["boots"]] == [5, 5]
    assert cpu["boots"][1]["median"] / cpu["boots"][0]["median"] == pytest.approx(0.9)
    assert cpu["between"] == pytest.approx(0.0744, abs=0.001) and cpu["within"] == pytest.approx(0.004, abs=0.001)
    assert cpu["probability"] == pytest.approx(2 / 252)  # of the ways to part ten rounds, two part them so far
    assert {entry["verdict"] for entry in found if entry["target"] == "native"} == {boots.SAME}


def test_boots_alike_are_not_said_to_differ(booted):
    shuffled = [FIRST[place] for place in (2, 0, 4, 1, 3)]
    assert set(verdicts(booted([FIRST, shuffled, FIRST], [STEADY] * 3)).values()) == {boots.SAME}


def test_what_native_does_too_is_the_machine(booted):
    slower = [value * 0.9 for value in STEADY]
    found = verdicts(booted([FIRST, SLOWER], [STEADY, slower]))
    assert found == {(test, target): boots.DRIFT for test in ("cpu", "memory") for target in ("lab", "native")}
    little = [value * 0.98 for value in STEADY]
    assert verdicts(booted([FIRST, SLOWER], [STEADY, little]))["cpu", "lab"] == boots.DIFFER


def test_many_boots_are_one_question(booted):
    """Which test it is does not depend on how many boots there are, and two give what the test of two gives."""
    samples = [[1.0, 1.2, 0.9], [1.1, 1.4, 1.3]]
    assert statistics.between(samples) == pytest.approx(statistics.difference(*samples))
    assert statistics.between([[1, 2, 3], [11, 12, 13], [21, 22, 23]]) == pytest.approx(6 / 1680)


def test_one_boot_has_nothing_to_compare_and_says_so(results):
    assert summarise(results)["boots"] == []
    document = made(results)
    found = document["hypervisors"][0]
    assert found["verdict"].endswith("medians of 7 interleaved rounds in one boot.")
    assert "boots" not in [section["name"] for section in found["sections"]]
    columns = [{"title": "Benchmark", "value": "name"}]
    shown = report([results], None, QUERY, columns, title="T", generated="2026-01-31T12:00:00Z")["sections"][0]
    assert any("saw one boot of the guests" in note for note in shown["notes"])


@pytest.mark.parametrize("language", ["en", "id"])
def test_the_report_tells_boots_apart(booted, language):
    results = booted([FIRST, SLOWER, FIRST], [STEADY] * 3)
    results["settings"]["boots"] = 3
    with speaking(language):
        document = made(results)
    validate(document, SCHEMA)
    found = document["hypervisors"][0]
    section = next(section for section in found["sections"] if section["name"] == "boots")
    assert len(section["tables"][0]["columns"]) == 8 and len(section["tables"][0]["rows"]) == 4
    if language == "id":
        assert section["title"] == "Dari boot ke boot"
        return
    said = "Over 3 boots, 2 of 2 medians differ more from boot to boot than from round to round: cpu on lab and memory"
    assert section["sentences"][0].startswith(said) and section["sentences"][0] in found["conclusions"]
    assert found["verdict"].endswith("medians of 15 interleaved rounds in 3 boots.")
    assert "cpu on lab differs from boot to boot: another boot may lie outside" in "\n".join(found["warnings"])
    rounds = next(section for section in found["sections"] if section["name"] == "rounds")["tables"][0]
    assert [row[rounds["columns"].index("Boot")] for row in rounds["rows"][::10]] == ["1", "2", "3"]


def test_every_row_tells_its_boot(booted):
    rows = csv.DictReader(io.StringIO(as_csv(made(booted([FIRST, SLOWER], [STEADY, STEADY])))))
    assert {(row["round"], row["boot"]) for row in rows} == {
        (str(turn), "1" if turn < 6 else "2") for turn in range(1, 11)
    }


def test_a_comparison_says_that_a_report_saw_one_boot(results, booted):
    """A change between two reports may be no more than that between two boots."""

    def notes(*reports):
        options = {"query": "metrics[?headline]", "threshold": 0.05, "title": "C", "generated": "now"}
        document = compare([made(each) for each in reports], ["a", "b"], **options)
        return "\n".join(document["sections"][0]["notes"])

    several = booted([FIRST, SLOWER], [STEADY, STEADY])
    assert "saw one boot of the guests only" in notes(several, results)
    assert "one boot" not in notes(several, several)


def test_each_boot_has_its_share_of_the_limits(booted):
    rule = Rule(least=10, most=20, precision=0.02, budget_s=600)
    runs = booted([FIRST, FIRST[:1]], [STEADY, STEADY[:1]])["runs"]
    first = progress([run for run in runs if run["boot"] == 1], rule, 100, boots=2)
    assert (first["rounds"], first["rounds_min"], first["rounds_max"], first["budget_s"]) == (5, 5, 10, 300)
    assert first["ended"] is None  # five rounds have no exact interval
    assert first["line"].startswith("Boot 1 of 2: round 5 of 5 to 10: worst")
    second = progress(runs, rule, 20, boots=2)
    assert (second["rounds"], second["ended"]) == (1, None) and second["line"].startswith("Boot 2 of 2: round 1 of 5")
    assert progress(runs, Rule(2, 2, 0.02, 600), 20, boots=2)["spent"] == "rounds"


def test_what_ended_all_boots(booted):
    rule = Rule(least=12, most=20, precision=0.02, budget_s=600)

    def ended(*guest):
        runs = booted(guest, [[*STEADY, 1.0]] * len(guest))["runs"]
        parts = [
            progress([run for run in runs if run["boot"] <= boot], rule, 100, len(guest))
            for boot in range(1, 1 + len(guest))
        ]
        assert {part["ended"] for part in parts} == {"converged"}
        return together(runs, parts)

    alike = ended([*FIRST, 0.2], [*FIRST, 0.2])
    assert (alike["ended"], alike["spent"]) == ("converged", None)
    assert (alike["rounds"], alike["rounds_min"], alike["rounds_max"], alike["elapsed_s"]) == (12, 12, 20, 200)
    apart = ended([*FIRST, 0.2], [*SLOWER, 0.18])
    assert (apart["ended"], apart["spent"]) == ("budget", "boots")  # each is precise, and both together are not
    assert apart["line"].endswith("The budget of boots is spent.")
    assert together([], []) is None
