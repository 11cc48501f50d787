# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import csv
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import jsonschema
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from .conftest import CHECKOUT, play


def schema(name: str) -> dict:
    return json.loads((CHECKOUT / name).read_text())


def test_the_json_follows_the_schema_in_both_languages(english, indonesian):
    for directory in (english, indonesian):
        document = json.loads((directory / "report.json").read_text())
        jsonschema.validate(document, schema("roles/report/files/report.schema.json"))
    assert document["language"] == "id" and document["verdict"].startswith(
        "Tamu lab (TCG) pada localhost menjalankan cpu"
    )
    assert document["hypervisors"][0]["summary"]["comparisons"][0]["verdict"] == "slower"


def test_the_csv_has_every_number_of_every_run(english):
    document = json.loads((english / "report.json").read_text())
    rows = list(csv.DictReader((english / "report.csv").open()))
    assert {row["hypervisor"] for row in rows} == {"hyper", "other"}
    for hypervisor in document["hypervisors"]:
        for metric in hypervisor["summary"]["metrics"]:
            values = [
                float(row["value"])
                for row in rows
                if (row["hypervisor"], row["test"], row["target"], f"{row['test']}.{row['metric']}")
                == (hypervisor["name"], metric["test"], metric["target"], metric["id"])
            ]
            assert values == metric["values"]
    assert {row["clock_source"] for row in rows if row["hypervisor"] == "other"} == {"tsc", "hpet"}
    assert rows[0]["tool"] == "sysbench" and rows[0]["kind"] == "native" and float(rows[0]["wall_time_s"]) > 0


def test_prometheus_reads_the_metrics(english):
    families = {family.name: family for family in text_string_to_metric_families((english / "report.prom").read_text())}
    assert set(families) == {
        "virtbench_value",
        "virtbench_samples",
        "virtbench_ratio",
        "virtbench_ratio_ci_low",
        "virtbench_ratio_ci_high",
        "virtbench_run_timestamp_seconds",
    }
    labels = {"hypervisor": "hyper", "test": "cpu", "metric": "events_per_second", "unit": "events/s"}
    labels |= {"target": "lab", "accel": "tcg"}
    (ratio,) = [sample.value for sample in families["virtbench_ratio"].samples if sample.labels == labels]
    document = json.loads((english / "report.json").read_text())
    assert ratio == document["hypervisors"][0]["summary"]["comparisons"][0]["ratio"]["value"]
    assert {sample.value for sample in families["virtbench_samples"].samples} == {7.0}


def test_the_page_is_whole_in_itself(english):
    page = (english / "report.html").read_text()
    assert "<script" not in page and not re.search(r'(src|href)="(?!#|data:)', page)
    inside = dict(re.findall(r'download="([^"]+)" href="data:[^,]+;base64,([^"]+)"', page))
    for name in ("report.json", "report.csv"):
        assert base64.b64decode(inside[name]) == (english / name).read_bytes()
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(set(ids)) == len(ids) and set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_a_page_without_the_commands_links_to_none(indonesian):
    page = (indonesian / "report.html").read_text()
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r'\bid="([^"]+)"', page))


def test_every_compared_number_leads_to_its_rounds(english):
    page = (english / "report.html").read_text()
    cost = page[page.index('<section id="cost">') :]
    links = re.findall(r'<th scope="row"><a href="#(h\d-rounds-\d)">', cost[: cost.index("</section>")])
    assert len(links) == 16 and all(f'<div class="wide" id="{link}">' in page for link in links)


def test_the_page_speaks_indonesian_and_shows_what_was_asked_for(indonesian):
    page, markdown = ((indonesian / f"report.{ending}").read_text() for ending in ("html", "md"))
    assert '<html lang="id">' in page and "Kesimpulan" in page and "Conclusions" not in page
    assert 'id="h1-rounds"' in page and 'id="h1-commands"' not in page and 'id="study"' not in page
    assert "## Berapa biayanya" in markdown and re.search(r"\d,\d\d\u00a0juta", markdown)


def test_a_regression_fails_the_play(english, indonesian, tmp_path: Path):
    reports = [str(directory.resolve() / "report.json") for directory in (english, indonesian)]
    only = {"hypervisors": json.loads(Path(reports[0]).read_text())["hypervisors"][:1]}
    base = tmp_path / "base.json"
    base.write_text(json.dumps({**json.loads(Path(reports[0]).read_text()), **only}))
    played = play(
        "playbooks/compare.yml",
        compare_reports=[str(base), reports[1]],
        compare_dir=str(tmp_path),
        compare_language="id",
        compare_threshold="3",  # text, as -e compare_threshold=3 gives it
    )
    assert played.returncode == 2
    assert re.search(
        r"Worse than \S+base.json by more than 3 %, beyond the noise: lab cpu.events_per_second\.", played.stdout
    )
    (made,) = tmp_path.glob("*Z")
    document = json.loads((made / "compare.json").read_text())
    jsonschema.validate(document, schema("roles/compare/files/compare.schema.json"))
    verdicts = {(entry["target"], entry["test"]): entry["verdict"] for entry in document["comparisons"][0]["entries"]}
    assert verdicts == {
        ("native", "cpu"): "no significant change",
        ("lab", "cpu"): "worse",
        ("native", "memory"): "no significant change",
        ("lab", "memory"): "inconclusive",
    }
    (suite,) = ET.parse(made / "compare.xml").getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("4", "1", "1")
    assert (
        "lebih buruk" in (made / "compare.md").read_text() and '<html lang="id">' in (made / "compare.html").read_text()
    )


def test_one_report_is_nothing_to_compare(english):
    played = play("playbooks/compare.yml", compare_reports=[str(english / "report.json")])
    assert played.returncode == 2 and "give two or more files report.json" in played.stdout + played.stderr
