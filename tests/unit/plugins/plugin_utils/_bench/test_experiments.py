# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of an experiment's runs, and the document that it becomes."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.experiments import DESIGNS, document, plan
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.languages import speaking
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.sections import SECTIONS, sections

SCHEMA = Path(__file__).parents[5] / "roles/report/files/report.schema.json"


@pytest.fixture
def follows():
    """C(follows(value, "results")) -> nothing; an error where the value is not as the schema of the report says."""
    schema = json.loads(SCHEMA.read_text())
    return lambda value, name: jsonschema.validate(value, {"$ref": f"#/$defs/{name}", "$defs": schema["$defs"]})


def even(variant: str, test: str, guest: int) -> float:
    """Natively ten times as fast."""
    return 1000.0 if variant == "native" else 100.0


def test_rounds_are_interleaved_and_their_order_alternates(experiment):
    facts = experiment("quick", even)["settings"]["probe"]
    items = plan(DESIGNS["quick"](facts, 1), 2)
    assert [(item["round"], item["variant"]) for item in items] == [
        (1, "native"),
        (1, "tcg"),
        (2, "tcg"),
        (2, "native"),
    ]
    assert [item["position"] for item in items] == [1, 2, 3, 4]
    assert items[3]["label"] == "round 2 of 2: native (run 4 of 4)"


@pytest.mark.parametrize("kind", DESIGNS)
def test_every_experiment_follows_the_schema_and_has_a_section(kind, experiment, follows):
    made = experiment(kind, even)
    follows(made, "experiment")
    section = sections({kind: made})[0]
    assert section["name"] == kind and section["sentences"] and section["tables"]
    assert set(DESIGNS) <= set(SECTIONS)


def test_quick_has_a_row_with_the_reason_for_what_cannot_run(experiment):
    section = sections({"quick": experiment("quick", even)})[0]
    rows = section["tables"][0]["rows"]
    assert [row[1] for row in rows] == ["guest under KVM", "guest under TCG"] * 2
    assert rows[0][3] == "not usable" and rows[1][5].startswith("10.0×")
    assert section["tables"][1]["rows"] == [["guest under KVM", "there is no /dev/kvm"]]


def test_a_quick_look_speaks_of_guests_that_are_no_slower(experiment):
    usable = [{"name": name, "usable": True, "reason": "works"} for name in ("kvm", "tcg")]
    rates = {"native": 100.0, "kvm": 100.0, "tcg": 110.0}
    made = experiment("quick", lambda variant, test, guest: rates[variant], accelerators=usable)
    told = sections({"quick": made})[0]["sentences"]
    assert told[0].startswith("cpu: the guest under KVM is as fast as native within the noise, ")
    assert told[1].startswith("cpu: the guest under TCG is 1.1") and told[1].endswith("] faster than native.")


def test_an_experiment_joins_the_results_or_begins_them(experiment, results, follows):
    made = experiment("quick", even)
    joined = document(results, made, "other", {})
    assert joined["runs"] == results["runs"] and joined["experiments"] == {"quick": made} and not results["experiments"]
    begun = document({}, made, "here", {"accelerator": "tcg"})
    assert (begun["hypervisor"], begun["runs"], begun["experiments"]) == ("here", [], {"quick": made})
    follows(begun, "results")


@pytest.mark.parametrize("kind", DESIGNS)
def test_a_section_can_be_read_in_indonesian(kind, experiment):
    made = experiment(kind, even)
    with speaking("id"):
        spoken = sections({kind: made})[0]
    english = sections({kind: made})[0]
    assert spoken["title"] != english["title"] and len(spoken["sentences"]) == len(english["sentences"])
    assert not set(spoken["sentences"] + spoken["notes"]) & set(english["sentences"] + english["notes"])
