# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench import tables
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.report import report

REPORT = Path(__file__).parents[5] / "roles/report"
DEFAULTS = yaml.safe_load((REPORT / "defaults/main.yml").read_text())


def made(results, study=None, **changes):
    options = {"query": DEFAULTS["report_query"], "columns": DEFAULTS["report_columns"], **changes}
    return report([results], study, title="Lab", generated="2026-01-31T12:00:00Z", **options)


def test_the_document_follows_its_schema(results, study):
    schema = json.loads((REPORT / "files/report.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    document = made(results, study)
    jsonschema.validate(document, schema)
    jsonschema.validate(made(results), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, "verdict": None}, schema)


def test_rows_and_columns_are_chosen_by_jmespath(results):
    query = "hypervisors[].summary.comparisons[?headline][]"
    found = made(results, query=query, columns=[{"title": "What", "value": "id"}, {"title": "n", "value": "guest.n"}])
    assert found["overhead"]["columns"] == ["What", "n"]
    assert found["overhead"]["rows"] == [["cpu.events_per_second", "7"], ["memory.operations_per_second", "7"]]


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
    rows = {row[0]: row[1:] for row in tables.study(study)["rows"]}
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
    assert len(json.dumps(document)) < 5_000_000 and len(document["hypervisors"][0]["tables"]["rounds"]["rows"]) == 1000


def test_the_phases_of_the_first_boot_are_shown_in_their_order(measured):
    phases = {"started": 0.0, "kernel": 2.5, "address": 18.0, "cloud_init_network": 19.7, "cloud_init_final": None}
    results = measured([1.0], [2.0], metadata={"boot": json.dumps(phases)})
    table = made(results)["hypervisors"][0]["tables"]["boot"]
    assert table["rows"] == [
        ["started", "0.0"],
        ["kernel", "2.5"],
        ["address", "18.0"],
        ["cloud-init, network stage", "19.7"],
    ]


@pytest.mark.parametrize("metadata", [{}, {"boot": ""}, {"boot": "{}"}, {"boot": "?"}])
def test_a_guest_whose_first_boot_nobody_saw_has_none(measured, metadata):
    assert made(measured([1.0], [2.0], metadata=metadata))["hypervisors"][0]["tables"]["boot"]["rows"] == []
