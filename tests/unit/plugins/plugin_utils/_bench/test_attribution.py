# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Factors that are known are found, and what they leave unexplained is told."""

from __future__ import annotations

import math

import pytest

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench import attribution
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.sections import sections

FACTORS = {"user": 5.0, "guest": 1.2, "smp": 1.1, "clock": 4.0}
TOTAL = math.prod(FACTORS.values())
# One operation in microseconds: the write, the loop, the histogram, and the slow clock.
WRITE, LOOP, HISTOGRAM, CLOCK = 0.2, 0.4, 0.5, 3.5


def ladder(variant: str, test: str, guest: int = 0) -> float:
    """A rate in which each rung costs its factor; the memory tests of the two guests have parts that are known."""
    slow = CLOCK if variant == "clock" else 0.0
    parts = {
        "memory_bare": WRITE + LOOP + slow,
        "memory_empty": LOOP + slow,
    }
    if test in parts:
        return 1e6 / parts[test]
    if test == "memory" and variant in ("smp", "clock"):
        return 1e6 / (WRITE + LOOP + HISTOGRAM + slow)
    rate = 1000.0
    for name, factor in FACTORS.items():
        if variant in ("native", "total_native", "kvm"):
            break
        rate /= factor
        if name == variant:
            break
    return rate


def test_known_factors_are_found_and_close(experiment):
    found = attribution.attribute(experiment("attribution", ladder), "cpu")
    assert [(step["from"], step["to"]) for step in found["steps"]] == [
        *(("native", "user"), ("user", "guest"), ("guest", "smp"), ("smp", "clock"))
    ]
    for step in found["steps"]:
        assert step["value"] == pytest.approx(FACTORS[step["to"]], rel=0.02)
        assert step["low"] <= FACTORS[step["to"]] <= step["high"]
        assert step["share"] == pytest.approx(math.log(FACTORS[step["to"]]) / math.log(TOTAL), abs=0.02)
    assert found["product"]["value"] == pytest.approx(math.prod(step["value"] for step in found["steps"]))
    assert sum(step["share"] for step in found["steps"]) == pytest.approx(1)
    assert found["total"]["low"] <= TOTAL <= found["total"]["high"]
    assert found["closes"] and found["residual"]["low"] <= 1 <= found["residual"]["high"]
    assert found["accelerated"] is None


def test_what_the_factors_do_not_explain_is_told(experiment):
    def hidden(variant: str, test: str, guest: int) -> float:
        return ladder(variant, test) * (0.8 if variant == "total_guest" else 1.0)

    found = attribution.attribute(experiment("attribution", hidden), "cpu")
    assert not found["closes"] and found["residual"]["value"] == pytest.approx(1.25, rel=0.02)


def test_few_rounds_cannot_tell_it_from_noise(experiment):
    def hidden(variant: str, test: str, guest: int) -> float:
        return ladder(variant, test) * (0.8 if variant == "total_guest" else 1.0)

    few, many = (sections({"attribution": experiment("attribution", hidden, rounds=rounds)})[0] for rounds in (3, 6))
    assert "3 rounds cannot tell whether 1.2" in few["sentences"][1]
    assert any("3 rounds are few" in note for note in few["notes"])
    assert "is unexplained" in many["sentences"][1]
    assert not any("are few" in note for note in many["notes"])


def test_a_single_round_tells_nothing_of_what_lies_between(experiment):
    told = sections({"attribution": experiment("attribution", ladder, rounds=1)})[0]["sentences"][1]
    assert "1 round cannot tell whether" in told and "distinguishable" not in told


def test_the_guest_and_the_clock_that_it_chose_are_named(experiment):
    section = sections({"attribution": experiment("attribution", ladder)})[0]
    assert section["sentences"][0].startswith("cpu: the probe guest is ")
    cells = [cell for found in section["tables"] for row in found["rows"] for cell in row]
    assert "TCG guest, 2 vCPUs, its own choice of clock (hpet, a device)" in cells
    assert "reading the clock that the guest chose (hpet, a device) instead of TSC" in cells


def test_a_rung_that_cannot_run_leaves_a_factor_of_both(experiment):
    made = experiment("attribution", ladder, qemu_user="")
    step = attribution.attribute(made, "cpu")["steps"][0]
    assert (step["from"], step["to"]) == ("native", "guest") and step["value"] == pytest.approx(6.0, rel=0.02)
    assert "translation" in str(sections({"attribution": made})[0]["tables"][0]["rows"][0])


def test_without_an_end_there_are_no_factors(experiment):
    made = experiment("attribution", ladder, fail="total_guest")
    assert attribution.attribute(made, "cpu") is None
    variant = next(variant for variant in made["variants"] if variant["name"] == "total_guest")
    assert (variant["available"], variant["reason"]) == (False, "QEMU stopped it")
    assert len(made["settings"]["failures"]) == 7


def test_kvm_stands_beside_the_ladder(experiment):
    usable = [{"name": name, "usable": True, "reason": "works"} for name in ("kvm", "tcg")]
    found = attribution.attribute(experiment("attribution", ladder, accelerators=usable), "cpu")
    assert found["accelerated"]["value"] == pytest.approx(1, abs=0.03)
    told = sections({"attribution": experiment("attribution", ladder, accelerators=usable)})[0]["sentences"][2]
    assert told.startswith("cpu: under KVM the probe guest is as fast as native within the noise, ")


def test_the_budget_of_an_operation_has_its_known_parts(experiment):
    found = attribution.budget(experiment("attribution", ladder))
    assert {name: part["us"] for name, part in found["parts"].items()} == pytest.approx(
        {"clock": CLOCK, "histogram": HISTOGRAM, "loop": LOOP, "write": WRITE}, abs=0.06
    )
    assert sum(part["share"] for part in found["parts"].values()) == pytest.approx(1)
    assert found["parts"]["clock"]["interval"]["low"] <= CLOCK <= found["parts"]["clock"]["interval"]["high"]
    assert found["closes"] == pytest.approx(1, abs=0.03)
    assert attribution.budget(experiment("attribution", ladder, fail="smp")) is None


def test_guesses_stand_beside_what_was_measured(experiment):
    made = experiment("attribution", ladder)
    causes = [
        {"test": "cpu", "id": "translation", "cause": {"en": "translation by TCG", "id": "x"}, "percent": [45, 55]},
        {"test": "cpu", "id": "nesting", "cause": {"en": "nested virtualization"}, "percent": [10, 12]},
        {"test": "memory", "id": "memory_management", "cause": "memory management", "percent": [85, 90]},
    ]
    section = sections({"attribution": made}, {"causes": causes})[0]
    rows = next(table for table in section["tables"] if table["title"] == "The study's guesses")["rows"]
    verdicts = {(row[0], row[1]): row[4] for row in rows}
    assert verdicts["cpu", "translation by TCG"] == "supported"
    assert verdicts["memory", "memory management"] == "not supported"
    assert verdicts["cpu", "nested virtualization"] == "not measured here"
    found = attribution.measured_share(made, "cpu", "translation")
    assert found["value"] == pytest.approx(0.494, abs=0.02) and found["low"] <= found["value"] <= found["high"]


@pytest.mark.parametrize(
    ("value", "low", "high", "verdict"),
    [
        (0.5, 0.46, 0.54, "supported"),
        (0.5, 0.3, 0.7, "not excluded"),
        (0.6, 0.54, 0.7, "not excluded"),
        (0.6, 0.56, 0.7, "not supported"),
        (0.5, None, None, "supported"),
    ],
)
def test_a_guess_is_judged_by_the_interval_of_what_was_measured(experiment, value, low, high, verdict):
    share = {"value": value, "low": low, "high": high}
    causes = [{"test": "cpu", "id": "nesting", "cause": "nested", "percent": [45, 55], "share": share}]
    section = sections({"attribution": experiment("attribution", ladder, rounds=2)}, {"causes": causes})[0]
    rows = next(table for table in section["tables"] if table["title"] == "The study's guesses")["rows"]
    assert rows[0][4] == verdict


def test_the_section_says_what_closes_and_what_could_not_be_measured(experiment):
    section = sections({"attribution": experiment("attribution", ladder)})[0]
    assert (
        "is not distinguishable from 1" in section["sentences"][1]
        and "translation of the program" in section["sentences"][0]
    )
    assert all(chart["svg"].startswith("<svg") for chart in section["charts"]) and len(section["charts"]) == 2
    reasons = next(table for table in section["tables"] if table["title"] == "Not measured here")["rows"]
    assert reasons == [["guest under KVM", "there is no /dev/kvm"]]
    counted = next(table for table in section["tables"] if table["title"] == "What this host could count")["rows"]
    assert counted == [["processor cycles", "no", "No such file or directory"], ["context switches", "yes", "–"]]


def test_events_of_the_guests_are_told_in_a_second(experiment):
    made = experiment("attribution", ladder)
    found = {(row["test"], row["variant"]): row["events"] for row in attribution.counted(made)}
    assert set(found) == {
        *((test, variant) for test in ("cpu", "memory") for variant in ("guest", "smp", "clock", "total_guest")),
        *(("memory_bare", "smp"), ("memory_bare", "clock"), ("memory_empty", "smp")),
    }
    assert found["cpu", "smp"] == {"cycles": None, "context_switches": 400, "page_faults": 20}
    table = next(table for table in sections({"attribution": made})[0]["tables"] if "threads did" in table["title"])
    assert table["columns"] == ["Test and guest", "processor cycles", "context switches", "page faults"]
    assert table["rows"][0] == ["cpu: TCG guest, 1 vCPU, TSC", "–", "400.0", "20.0"]


def test_without_events_there_is_no_table_of_them(experiment):
    made = experiment("attribution", ladder)
    for run in made["runs"]:
        run["result"].pop("perf", None)
    assert not attribution.counted(made)
    assert not any("threads did" in table["title"] for table in sections({"attribution": made})[0]["tables"])
