# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench import resources, tables
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.export import validate
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.files import download, files, groups
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.languages import speaking
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.report import report
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.section import section
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.study import figures

REPORT = Path(__file__).parents[5] / "roles/report"
DEFAULTS = yaml.safe_load((REPORT / "defaults/main.yml").read_text())


SCHEMA = json.loads((REPORT / "files/report.schema.json").read_text())
EXPERIMENTS = ("attribution", "contention", "tuning")
LITERATURE = yaml.safe_load((REPORT / "files/literature.yml").read_text())


def made(*results, study=None, **changes):
    options = {
        "query": DEFAULTS["report_query"],
        "columns": DEFAULTS["report_columns"],
        "figures": LITERATURE,
        **changes,
    }
    return report(results, study, title="Lab", generated="2026-01-31T12:00:00Z", **options)


def section_of(document, name):
    found = [*document["sections"], *document["hypervisors"][0]["sections"]]
    return next((section for section in found if section["name"] == name), None)


@pytest.mark.parametrize("language", ["en", "id"])
def test_the_document_follows_its_schema(results, study, language):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    with speaking(language):
        document = made(results, study=study)
        validate(made(results), SCHEMA)
    validate(document, SCHEMA)
    with pytest.raises(ValueError, match="does not follow its schema at verdict"):
        validate({**document, "verdict": None}, SCHEMA)


@pytest.mark.parametrize("language", ["en", "id"])
def test_all_that_bench_yml_measures_becomes_files(results, experiment, study, language):
    """Targets of every kind, the experiments on probe guests, and limits of which one could not be set."""
    for kind in ("user", "container"):
        results["runs"] += [{**run, "target": kind} for run in results["runs"] if run["target"] == "native"]
        results["targets"].append({**results["targets"][0], "name": kind, "kind": kind})
    rounds = [{"tool": "sysbench", "result": results["runs"][0]["result"]}]
    rows = [
        {"name": "cpu_quota", "reason": "", "asked": 50, "measured": 49, "rounds": rounds},
        {"name": "balloon", "reason": "The guest has no balloon."},
    ]
    made_of = {kind: experiment(kind, lambda variant, _test, _guest: 1000.0 + len(variant)) for kind in EXPERIMENTS}
    results["experiments"] = {**made_of, "resources": resources.experiment(rows, "lab", "2026-01-31T12:00:00Z")}
    with speaking(language):
        document = made(results, study=study)
        validate(document, SCHEMA)
        found = files(
            {**document, "lines": []},
            "report",
            ["html", "md", "json", "csv", "prom"],
            DEFAULTS["report_sections"],
            str(REPORT / "templates"),
        )
    assert all(found.values()) and len(found) == 5
    for kind in results["experiments"]:
        assert section_of(document, kind) and f'id="h1-{kind}"' in found["report.html"]
    assert ",sysbench,events_per_second," in found["report.csv"]


def test_experiments_alone_make_a_report(results):
    """What quick.yml brings: no rounds, no targets, and what its experiment found."""
    results |= {"runs": [], "targets": [], "guests": [], "experiments": {}}
    document = made(results)
    validate(document, SCHEMA)
    assert document["verdict"].startswith("Nothing was compared")
    assert section_of(document, "cost") is section_of(document, "rounds") is None
    assert groups(document, DEFAULTS["report_sections"])[0]["heading"] == "hyper"


def test_an_experiment_has_its_section_and_its_first_sentence_among_the_conclusions(results, monkeypatch):
    found = section("tuning", "Tuning", sentences=["tsc helps most.", "The others do not."])
    monkeypatch.setattr(
        "ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.report.sections",
        lambda _experiments, _study: [found],
    )
    names = [each["name"] for each in made(results)["hypervisors"][0]["sections"]]
    assert names.index("warnings") < names.index("tuning") < names.index("results")
    conclusions = section_of(made(results), "conclusions")["sentences"]
    assert conclusions[-1] == "tsc helps most." and "The others do not." not in conclusions
    nothing_else = made({**results, "runs": [], "targets": []})
    assert nothing_else["verdict"] == "tsc helps most."


def test_several_hypervisors_share_a_page_without_sharing_anchors(results):
    document = made(results, {**results, "hypervisor": "other"})
    laid = groups(document, DEFAULTS["report_sections"])
    assert [group["heading"] for group in laid] == ["", "hyper", "other"]
    sections = [section for group in laid for section in group["sections"]]
    tables = [table for section in sections for table in section["tables"]]
    anchors = [each["anchor"] for each in [*sections, *tables] if each["anchor"]]
    assert len(set(anchors)) == len(anchors)
    links = {link for table in tables for link in table["links"] if link}
    assert links and links <= set(anchors)


def test_sections_are_chosen_and_ordered_by_jmespath(results):
    document = made(results)
    query = "hypervisors[].[sections[?name=='machines'], sections[?name=='results']][][]"
    (group,) = groups(document, query)
    assert [section["name"] for section in group["sections"]] == ["machines", "results"]
    for wrong in ("title", "hypervisors", "nothing"):
        with pytest.raises(AnsibleFilterError, match="selects no list of sections"):
            groups(document, wrong)


def test_a_large_file_is_packed_inside_the_page():
    small, large = download("a.json", "{}"), download("b.csv", "x" * 2_000_000)
    assert small == {"name": "a.json", "href": "data:application/json;base64,e30="}
    assert large["name"] == "b.csv.gz" and len(large["href"]) < 10_000


def test_rows_and_columns_are_chosen_by_jmespath(results):
    query = "hypervisors[].summary.comparisons[?headline][]"
    found = made(results, query=query, columns=[{"title": "What", "value": "id"}, {"title": "n", "value": "guest.n"}])
    table = section_of(found, "cost")["tables"][0]
    assert table["columns"] == ["What", "n"]
    assert table["rows"] == [["cpu.events_per_second", "7"], ["memory.operations_per_second", "7"]]


def test_the_printed_table_is_aligned(results):
    lines = tables.aligned(
        tables.queried("", made(results), DEFAULTS["report_query"], DEFAULTS["report_printed_columns"])
    )
    assert lines[0].startswith("Metric") and set(lines[1]) == {"-", " "}
    assert (
        len({line.index(row) for line, row in ((lines[2], "cpu: events/s"), (lines[7], "memory: operations/s"))}) == 1
    )
    assert {len(line) for line in lines} == {len(lines[0])}


def test_the_study_shows_ranges_of_estimated_natives(study):
    rows = {row[0]: row[1:] for row in figures(study)["rows"]}
    assert [cell.replace("\u00a0", " ") for cell in rows["cpu: events/s"]] == [
        "52.39",
        "1,500–2,000",
        "2.6–3.5 %",
        "96.5–97.4 %",
        "28.6–38.2×",
    ]
    assert rows["cpu: average latency, ms"] == ["18.97", "–", "–", "–", "–"]


def test_a_report_of_a_thousand_runs_has_them_all_and_stays_small(measured):
    rounds = 250
    results = measured([0.2 + 0.0001 * i for i in range(rounds)], [1 + 0.0001 * i for i in range(rounds)])
    document = made(results)
    assert len(json.dumps(document)) < 5_000_000
    assert sum(len(table["rows"]) for table in section_of(document, "rounds")["tables"]) == 1000


def test_the_phases_of_the_first_boot_are_shown_in_their_order(measured):
    phases = {"started": 0.0, "kernel": 2.5, "address": 18.0, "cloud_init_network": 19.7, "cloud_init_final": None}
    results = measured([1.0], [2.0], metadata={"boot": json.dumps(phases)})
    assert section_of(made(results), "boot")["tables"][0]["rows"] == [
        ["started", "0.0"],
        ["kernel", "2.5"],
        ["address", "18.0"],
        ["cloud-init, network stage", "19.7"],
    ]
    assert len(section_of(made(results), "boot")["notes"]) == 1


def test_a_restored_guest_has_the_phases_of_its_restore_before_the_others_and_a_clock_of_its_own(measured):
    phases = {"restored": 9.5, "agent": 9.6, "identity": 11.0, "connected": 11.1, "started": 0.0, "address": 3.9}
    found = section_of(made(measured([1.0], [2.0], metadata={"boot": json.dumps(phases)})), "boot")
    assert [row[0] for row in found["tables"][0]["rows"]] == [
        "started",
        "memory restored",
        "agent answers",
        "identity of its own",
        "cards plugged in",
        "address",
    ]
    assert len(found["notes"]) == 2 and "beginning of its restore" in found["notes"][1]


@pytest.mark.parametrize("metadata", [{}, {"boot": ""}, {"boot": "{}"}, {"boot": "?"}])
def test_a_guest_whose_first_boot_nobody_saw_has_none(measured, metadata):
    assert section_of(made(measured([1.0], [2.0], metadata=metadata)), "boot") is None
