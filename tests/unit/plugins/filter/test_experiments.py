# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the role experiments, one after the other as its tasks call them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.mini.hypervisor.plugins.filter.experiments import FilterModule

FILTERS = FilterModule().filters()
FACTS = {
    "accelerator": "tcg",
    "accelerators": [
        {"name": "kvm", "usable": False, "reason": "there is no /dev/kvm"},
        {"name": "tcg", "usable": True},
    ],
    "counters": [],
    "cpu_limits": {"reason": "no control groups are mounted that limit processors"},
    "qemu": {"path": "/usr/bin/qemu-system-x86_64", "version": "7.2.22"},
    "qemu_user": "",
    "usable_cpus": [0, 1],
}


def test_every_filter_is_documented():
    directory = Path(__file__).parents[4] / "plugins/filter"
    for name in FILTERS:
        documented = yaml.safe_load((directory / f"{name}.yml").read_text())["DOCUMENTATION"]
        assert documented["name"] == name and documented["description"]


def test_an_unknown_experiment_is_refused():
    with pytest.raises(AnsibleFilterError, match=r"no experiment 'slow'.*quick, attribution"):
        FILTERS["experiment_design"](FACTS, "slow")


def test_of_a_design_only_some_variants_are_made():
    whole = FILTERS["experiment_design"](FACTS, "tuning", 1)
    part = FILTERS["experiment_design"](FACTS, "tuning", 1, ["baseline", "tsc"])
    assert [each["name"] for each in part["variants"]] == [each["name"] for each in whole["variants"]]
    assert [each["name"] for each in part["variants"] if each["available"]] == ["baseline", "tsc"]
    reasons = {each["name"]: each["reason"] for each in part["variants"]}
    assert "left out" in reasons["single"] and "KVM" in reasons["host_model"], "what cannot run says why it cannot"
    assert {item["variant"] for item in FILTERS["experiment_plan"](part, 2)} == {"baseline", "tsc"}


def test_a_variant_that_there_is_not_is_refused():
    with pytest.raises(AnsibleFilterError, match="has no variant fast: name some of baseline"):
        FILTERS["experiment_design"](FACTS, "tuning", 1, ["baseline", "fast"])


def test_the_way_from_a_design_to_lines():
    design = FILTERS["experiment_design"](FACTS, "tuning", "1")
    items = FILTERS["experiment_plan"](design, "5")

    def result(item, test):
        fast = (item["variant"], test["name"]) == ("tsc", "memory")
        rate = (500.0 if fast else 100.0) + item["round"] + item["position"] / 100
        found = {"name": test["name"], "test": test["test"], "started": "2026-01-31T12:00:00Z"}
        return {**found, "events_per_second": rate, "operations_per_second": rate, "wait_percent": 50.0}

    done = []
    for item in items:
        runs = [result(item, test) for test in design["tests"]]
        guest = {"boot_s": 2.5, "environment": {"last": {}}, "settings": {}, "command": ["qemu"], "runs": runs}
        done.append({"item": item, "results": [{"probe": {"guests": [guest]}}]})
    experiment = FILTERS["experiment_collect"](done, design, FACTS)
    lines = FILTERS["experiment_lines"](experiment)
    start = lines.index("# The inventory that applies the winners:")
    assert yaml.safe_load("\n".join(lines[start:])) == {"guests": {"vars": {"guest_profile": "tuned"}}}
    document = FILTERS["experiment_document"](experiment, {}, "here", {"accelerator": "tcg"})
    assert document["experiments"]["tuning"]["settings"]["rounds"] == 5
