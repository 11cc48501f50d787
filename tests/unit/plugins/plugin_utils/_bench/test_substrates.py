# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is measured beside a guest: other substrates, and other tools than sysbench."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import jsonschema
import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._bench import cyclictest, fio, iperf3, ping
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench import machines
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.cautions import cautions
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.compare import compare
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.report import report
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.summary import summarise

TESTS = Path(__file__).parents[4]
SAMPLES = TESTS / "unit/plugins/module_utils/_bench/samples/tools"
SCHEMA = json.loads((TESTS.parent / "roles/report/files/report.schema.json").read_text())
OUTPUTS = {
    "fio": (fio.parse, "fio-3.33-randrw.json"),
    "iperf3": (iperf3.parse, "iperf3-3.12-tcp-streams-reverse.json"),
    "ping": (ping.parse, "ping-20221126.txt"),
    "cyclictest": (cyclictest.parse_json, "cyclictest-2.40.json"),
}


@pytest.fixture
def with_user(results):
    """Results with user-mode emulation as fast as the guest, and without docker."""
    results["runs"] += [{**copy.deepcopy(run), "target": "user"} for run in results["runs"] if run["target"] == "lab"]
    results["targets"].append({**copy.deepcopy(results["targets"][1]), "name": "user", "kind": "user"})
    results["substrates"] += [
        {"name": "user", "kind": "user", "available": True, "reason": ""},
        {"name": "docker", "kind": "container", "available": False, "reason": "docker is not installed"},
    ]
    return results


def test_every_target_is_compared_with_native(with_user):
    found = summarise(with_user)["comparisons"]
    rates = [entry for entry in found if entry["id"] == "cpu.events_per_second"]
    assert [(entry["kind"], entry["guest"]["target"]) for entry in rates] == [("guest", "lab"), ("user", "user")]
    assert rates[1]["name"] == "cpu: events/s (user)" and rates[1]["ratio"]["value"] == pytest.approx(0.2)


def test_what_cannot_run_is_a_row_and_a_caution(with_user):
    rows = machines.substrates(with_user)["rows"]
    assert ["docker", "container on the hypervisor", "no", "docker is not installed"] in rows
    found = cautions(with_user, summarise(with_user))
    assert "docker was not measured, it does not run here: docker is not installed" in found


def test_a_test_that_cannot_run_on_a_target_is_a_caution(with_user):
    with_user["left_out"] = [
        {"test": test, "target": "lab", "reason": "fio is not an executable here."}
        for test in ("disk read", "disk write")
    ]
    found = cautions(with_user, summarise(with_user))
    assert "On lab these do not run: disk read and disk write. fio is not an executable here." in found
    document = report([with_user], None, "hypervisors[].summary.comparisons[]", [], title="T", generated="now")
    jsonschema.validate(document, SCHEMA)


def test_an_accelerator_that_no_guest_has_is_a_row(with_user):
    with_user["host"]["accelerators"] = [
        {"name": "kvm", "usable": False, "reason": "there is no /dev/kvm"},
        {"name": "tcg", "usable": True, "reason": "guest code ran"},
    ]
    for kind, other in (
        ("qemu", ["guest under KVM", "guest", "no", "there is no /dev/kvm"]),
        ("kvm", ["guest under TCG", "guest", "yes", "no guest that was measured has it"]),
    ):
        with_user["guests"][0]["type"] = kind
        assert [row for row in machines.substrates(with_user)["rows"] if row[0].startswith("guest under")] == [other]


@pytest.mark.parametrize(
    ("tool", "unit"),
    [
        ("fio", "reads/s"),
        ("iperf3", "Gbit/s"),
        ("ping", "ms"),
        ("cyclictest", "µs"),
    ],
)
def test_the_numbers_of_every_tool_are_summed_up_and_reported(with_user, tool, unit):
    parse, name = OUTPUTS[tool]
    parsed = parse((SAMPLES / name).read_text())
    with_user["settings"]["tests"].append({"name": "other", "tool": tool})
    for run in [run for run in with_user["runs"] if run["test"] == "cpu" and run["target"] != "user"]:
        result = {"version": "1", **{key: run["result"][key] for key in CONDITIONS}, **copy.deepcopy(parsed)}
        with_user["runs"].append({**run, "test": "other", "tool": tool, "result": result})
    headlines = [
        metric for metric in summarise(with_user)["metrics"] if metric["test"] == "other" and metric["headline"]
    ]
    assert [(metric["target"], metric["unit"]) for metric in headlines] == [("native", unit), ("lab", unit)]
    document = report([with_user], None, "hypervisors[].summary.comparisons[]", [], title="T", generated="now")
    jsonschema.validate(document, SCHEMA)
    assert any(entry["test"] == "other" for entry in document["hypervisors"][0]["summary"]["comparisons"])


def test_where_nothing_is_lost_the_report_says_so(with_user):
    parsed = iperf3.parse((SAMPLES / "iperf3-3.12-udp.json").read_text())
    with_user["settings"]["tests"].append({"name": "other", "tool": "iperf3"})
    for run in [run for run in with_user["runs"] if run["test"] == "cpu" and run["target"] != "user"]:
        result = {"version": "1", **{key: run["result"][key] for key in CONDITIONS}, **copy.deepcopy(parsed)}
        result["lost_percent"] = 0.5 if (run["round"], run["target"]) == (2, "lab") else 0.0
        with_user["runs"].append({**run, "test": "other", "tool": "iperf3", "result": result})
    document = report([with_user], None, "hypervisors[].summary.comparisons[]", COLUMNS, title="T", generated="now")
    jsonschema.validate(document, SCHEMA)
    notes = [note for section in document["hypervisors"][0]["sections"] for note in section["notes"]]
    assert sum(note.startswith("Native of other is the hypervisor talking to itself") for note in notes) == 1
    assert any("Native of other is" in note for note in document["sections"][0]["notes"])
    found = document["hypervisors"][0]["summary"]
    lost = {entry["target"]: entry for entry in found["metrics"] if entry["id"] == "other.lost"}
    assert lost["native"]["median"] == lost["lab"]["median"] == 0 and lost["native"]["text"] == "0.00 [0.00–0.00]"
    assert "other.gbit_per_second" in {entry["id"] for entry in found["comparisons"]}
    assert "other.lost" not in {entry["id"] for entry in found["comparisons"]}
    told = compare([document] * 2, ["a", "b"], query="metrics", threshold=0.1, title="T", generated="now")
    assert "other.lost" not in {entry["id"] for entry in told["comparisons"][0]["entries"]}


COLUMNS = [{"title": "What", "value": "id"}]
CONDITIONS = (
    "command",
    "executable",
    "started",
    "wall_time_s",
    "load_average",
    "cpu_percent",
    "environment",
    "warnings",
)


def test_a_frequency_that_moves_and_heat_are_cautions(results):
    for run, frequency in zip(results["runs"], (3000.0, 2400.0)):
        run["result"]["frequency_mhz"] = {"before": frequency, "after": frequency}
        run["result"]["throttle_events"] = 2
        run["target"] = "native"
    found = "\n".join(cautions(results, summarise(results)))
    assert "The frequency of the processors of native went from 2,400 to 3,000 MHz" in found
    assert "too hot and slowed down meanwhile, 4 times" in found
