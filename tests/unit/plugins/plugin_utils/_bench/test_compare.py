# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.mini.hypervisor.plugins.filter.bench import bench_compare
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench import statistics
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.compare import compare
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.report import report

SCHEMA = json.loads((Path(__file__).parents[5] / "roles/report/files/report.schema.json").read_text())
NATIVE = [1.0, 1.01, 0.99, 1.0, 1.005, 1.02, 0.98]
GUEST = [0.2, 0.201, 0.199, 0.2, 0.2005, 0.202, 0.198]


def reported(*results):
    return report(results, None, "hypervisors[].summary.comparisons[]", [], title="Lab", generated="now")


def compared(base, other, query="metrics[?headline]", threshold=0.03):
    return compare([base, other], ["a", "b"], query=query, threshold=threshold, title="Change", generated="now")


def verdicts(document):
    return {(e["target"], e["test"]): e["verdict"] for e in document["comparisons"][0]["entries"]}


@pytest.mark.parametrize(
    ("factor", "threshold", "verdict"),
    [
        (1.1, 0.03, "better"),
        (0.9, 0.03, "worse"),
        (0.9, 0.2, "no significant change"),  # certain, and too small to matter
        (1.0, 0.03, "no significant change"),
    ],
)
def test_a_change_is_judged_by_its_size_and_its_certainty(measured, factor, threshold, verdict):
    base, other = (reported(measured([value * by for value in GUEST], NATIVE)) for by in (1, factor))
    found = compared(base, other, threshold=threshold)
    assert verdicts(found)["lab", "cpu"] == verdict
    assert verdicts(found)["native", "cpu"] == "no significant change"
    assert found["worse"] == 2 * (verdict == "worse")


def test_medians_that_lie_in_each_others_intervals_agree(measured):
    base, near, far = (reported(measured([value * by for value in GUEST], NATIVE)) for by in (1, 1.005, 1.1))
    assert "In 4, one median lies within" in compared(base, near)["verdict"]
    assert "In 2, one median lies within" in compared(base, far)["verdict"]  # native's two


def test_a_longer_latency_is_worse(measured):
    base, other = (reported(measured([value * by for value in GUEST], NATIVE)) for by in (1, 0.9))
    found = compared(base, other, query="metrics[?id=='cpu.latency_avg']")
    assert verdicts(found)["lab", "cpu"] == "worse" and found["comparisons"][0]["entries"][1]["ratio"] > 1


def test_few_or_noisy_rounds_are_inconclusive(measured):
    few = [reported(measured([value * by for value in GUEST[:3]], NATIVE[:3])) for by in (1, 0.5)]
    assert verdicts(compared(*few))["lab", "cpu"] == "inconclusive"
    noisy = [reported(measured([0.1, 0.2, 0.3, 0.1, 0.2, 0.3 * by], [1.0] * 6)) for by in (1, 1.1)]
    assert verdicts(compared(*noisy))["lab", "cpu"] == "inconclusive"


def test_other_hosts_and_guests_are_matched_where_there_is_one_of_each(measured):
    other = measured(GUEST, NATIVE)
    other["hypervisor"] = "elsewhere"
    other["guests"][0]["name"] = other["targets"][1]["name"] = "guest-7"
    for run in other["runs"]:
        run["target"] = run["target"].replace("lab", "guest-7")
    other["targets"][1]["environment"]["last"] = {**other["targets"][1]["environment"]["last"], "kernel": "6.12.1"}
    found = compared(reported(measured(GUEST, NATIVE)), reported(other))
    assert set(verdicts(found)) == {("native", "cpu"), ("guest-7", "cpu"), ("native", "memory"), ("guest-7", "memory")}
    assert found["comparisons"][0]["environment"] == [
        {"what": "Hypervisor", "base": "hyper", "other": "elsewhere"},
        {"what": "the guest: Kernel", "base": "6.1.0 (x86_64)", "other": "6.12.1 (x86_64)"},
    ]


def test_nothing_in_common_is_told(measured):
    results = reported(measured(GUEST, NATIVE))
    assert compared(results, results, query="metrics[?id=='none']")["verdict"].startswith("The reports have no metric")


def test_what_is_no_report_is_refused_by_name(measured):
    results = reported(measured([0.2], [1.0]))
    options = {"schema": SCHEMA, "query": "metrics", "threshold": 0.03, "title": "x", "generated": "now"}
    with pytest.raises(AnsibleFilterError, match=r"old.json: the report does not follow its schema at schema_version"):
        bench_compare([results, {**results, "schema_version": 1}], ["new.json", "old.json"], **options)
    with pytest.raises(AnsibleFilterError, match="give two or more files"):
        bench_compare([results], ["new.json"], **options)


def test_probabilities_are_of_permutations_and_corrected():
    # 2 of the 924 ways to share out twelve ranks are as far apart.
    assert statistics.difference([1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]) == pytest.approx(2 / 924)
    assert statistics.difference([1, 2, 3], [1, 2, 3]) == 1.0
    assert statistics.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
