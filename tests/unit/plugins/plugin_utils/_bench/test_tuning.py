# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings are ranked by their effect, and only what is worth it comes into the inventory."""

from __future__ import annotations

import pytest
import yaml

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench import tuning
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.sections import sections


def speed(variant: str, test: str, guest: int) -> float:
    """The TSC makes memory five times faster, a single thread the threads slower; all else does nothing."""
    if (variant, test) == ("tsc", "memory"):
        return 500.0
    if (variant, test) == ("single", "threads"):
        return 50.0
    if variant == "pc":
        return 101.0  # certain with so little noise, and still not worth a setting
    return 100.0


def test_effects_are_ranked_with_a_verdict(experiment):
    found = tuning.effects(experiment("tuning", speed))
    assert [(effect["variant"], effect["test"], effect["verdict"]) for effect in found[:2]] == [
        ("tsc", "memory", tuning.FASTER),
        ("single", "threads", tuning.SLOWER),
    ]
    assert found[0]["value"] == pytest.approx(5, rel=0.02) and found[0]["low"] <= 5 <= found[0]["high"]
    assert {effect["verdict"] for effect in found[2:]} == {tuning.NOISE}


def test_the_winners_become_variables_of_the_role_guest(experiment):
    made = tuning.effects(experiment("tuning", speed))
    assert tuning.winners(made) == ["tsc"]
    assert yaml.safe_load("\n".join(tuning.snippet(made))) == {"guests": {"vars": {"guest_profile": "tuned"}}}


def test_of_settings_that_exclude_each_other_the_better_one_wins(experiment):
    rates = {"intel": 400.0, "max": 200.0}
    made = tuning.effects(experiment("tuning", lambda variant, test, guest: rates.get(variant, 100.0)))
    assert tuning.variables(made) == {"guest_cpu": {"model": "Nehalem"}}
    assert yaml.safe_load("\n".join(tuning.snippet(made)))["guests"]["vars"] == {"guest_cpu": {"model": "Nehalem"}}


def test_what_helps_one_test_and_harms_another_is_no_winner(experiment):
    rates = {("max", "cpu"): 200.0, ("max", "threads"): 50.0}
    made = experiment("tuning", lambda variant, test, guest: rates.get((variant, test), 100.0))
    found = tuning.effects(made)
    assert tuning.winners(found) == [] and tuning.snippet(found) == []
    assert "No setting" not in sections({"tuning": made})[0]["sentences"][0]


def test_what_cannot_be_tried_has_its_reason(experiment):
    made = experiment("tuning", speed)
    section = sections({"tuning": made})[0]
    reasons = dict(section["tables"][2]["rows"])
    assert (
        "there is no /dev/kvm" in reasons["CPU model: the host's"]
        and "has 2 CPUs" in reasons["pinned to CPUs of the host"]
    )
    assert section["tables"][0]["rows"] == [["guest_profile", "tuned"]]
    assert section["sentences"][0].startswith("memory: clock source: TSC makes the guest 5.")
    assert section["charts"][0]["svg"].startswith("<svg")


def test_nothing_beyond_noise_is_said(experiment):
    section = sections({"tuning": experiment("tuning", lambda variant, test, guest: 100.0)})[0]
    assert section["sentences"] == ["No setting makes the guest faster beyond noise."]


def test_two_rounds_prove_nothing_and_the_report_says_so(experiment):
    made = experiment("tuning", speed, rounds=2)
    found = tuning.effects(made)
    assert {effect["verdict"] for effect in found} == {tuning.NOISE} and not tuning.snippet(found)
    assert any("too few" in note for note in sections({"tuning": made})[0]["notes"])
