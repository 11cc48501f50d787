# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings are ranked by their effect, and only what is worth it comes into the inventory."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible_collections.mini.hypervisor.plugins.module_utils._domain.properties import PROPERTIES
from ansible_collections.mini.hypervisor.plugins.module_utils._xml.properties import argument_spec
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench import tuning
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.experiments import tuning as design
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.sections import sections

ROLES = Path(__file__).parents[5] / "roles"
ARGUMENTS = argument_spec(PROPERTIES)


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
    made = experiment(
        "tuning",
        speed,
        hugepages={"size_kib": 2048, "total_mib": 8, "free_mib": 4},
        other_qemu={"path": "", "version": "", "reason": "no second one"},
    )
    section = sections({"tuning": made})[0]
    reasons = dict(section["tables"][2]["rows"])
    assert "vm.nr_hugepages=1450" in reasons["memory of huge pages"]
    assert reasons["another QEMU"] == "no second one"
    assert (
        "there is no /dev/kvm" in reasons["CPU model: the host's"]
        and "has 2 CPUs" in reasons["pinned to CPUs of the host"]
    )
    assert section["tables"][0]["rows"] == [["guest_profile", "tuned"]]
    assert section["sentences"][0].startswith("memory: clock source: TSC makes the guest 5.")
    assert section["charts"][0]["svg"].startswith("<svg")


OTHER = {"path": "/opt/qemu", "version": "10.0.2", "reason": ""}
OPTIONS = {
    "guest_clock": "clock",
    "guest_cputune": "cputune",
    "guest_disk_options": "disks",
    "guest_memory_backing": "memory_backing",
}
"""Variables of the role guest that hold options of one option of virt_domain."""
PAGES = {"size_kib": 2048, "total_mib": 4096, "free_mib": 4096}


def test_each_winner_is_an_option_that_the_module_takes(experiment):
    """What the snippet says is what the argument specifications of the role and of virt_domain know."""
    facts = {"usable_cpus": [0, 1, 2], "hugepages": PAGES, "other_qemu": OTHER}
    role = yaml.safe_load((ROLES / "guest/meta/argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    tried = experiment("tuning", lambda variant, test, guest: 100.0, **facts)["variants"]
    assert not [variant["name"] for variant in tried if not variant["available"] and variant["name"] != "host_model"]
    for variant in tried:
        for name, value in design.applied(variant).items():
            assert name in role and isinstance(value, dict) == (role[name]["type"] == "dict"), name
            if name in OPTIONS:
                assert set(value) <= set(ARGUMENTS[OPTIONS[name]]["options"]), name


def test_disks_are_compared_with_a_disk_and_the_best_mode_is_applied(experiment):
    rates = {"disk_native": 300.0, "disk_none": 200.0, "disk_unsafe": 400.0, "disk": 100.0}
    made = experiment("tuning", lambda variant, test, guest: rates.get(variant, 7.0), usable_cpus=[0, 1])
    found = tuning.effects(made)
    assert {effect["variant"] for effect in found if effect["test"] == "disk"} == {
        *("disk_none", "disk_writethrough", "disk_unsafe", "disk_native", "disk_io_uring", "disk_iothread")
    }
    assert found[0]["variant"] == "disk_writethrough" and found[0]["verdict"] == tuning.SLOWER
    assert tuning.variables(found) == {"guest_disk_options": {"cache": "none", "io": "native"}}
    section = sections({"tuning": made})[0]
    assert "Faster as well, and not advised: disk, cache mode: unsafe, which may lose data." in section["notes"]
    assert len(section["sentences"]) == 1 and "aio mode: native" in section["sentences"][0]


def test_pins_survive_the_way_into_yaml(experiment):
    made = experiment("tuning", lambda variant, *_: 200.0 if variant == "pinned" else 100.0, usable_cpus=[0, 2, 3])
    applied = yaml.safe_load("\n".join(tuning.snippet(tuning.effects(made))))["guests"]["vars"]
    pins = [{"vcpu": 0, "cpuset": "0,2"}, {"vcpu": 1, "cpuset": "0,2"}]
    assert applied == {"guest_cputune": {"vcpupin": pins, "emulatorpin": "0,2"}}


def test_another_qemu_is_named(experiment):
    made = experiment("tuning", lambda variant, *_: 200.0 if variant == "qemu" else 100.0, other_qemu=OTHER)
    section = sections({"tuning": made})[0]
    assert "The other QEMU is 10.0.2." in section["notes"] and not tuning.snippet(tuning.effects(made))
    assert any("no variable of the role guest: another QEMU" in note for note in section["notes"])


def test_nothing_beyond_noise_is_said(experiment):
    section = sections({"tuning": experiment("tuning", lambda variant, test, guest: 100.0)})[0]
    assert section["sentences"] == ["No setting makes the guest faster beyond noise."]


def test_two_rounds_prove_nothing_and_the_report_says_so(experiment):
    made = experiment("tuning", speed, rounds=2)
    found = tuning.effects(made)
    assert {effect["verdict"] for effect in found} == {tuning.NOISE, tuning.UNCERTAIN} and not tuning.snippet(found)
    (section,) = sections({"tuning": made})
    assert any("too few" in note for note in section["notes"])
    assert section["sentences"] and all("too few rounds to be certain" in each for each in section["sentences"])
