# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.cautions import cautions
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.conclusions import conclusions, verdict
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.summary import summarise


def said(results, study=None):
    return "\n".join(conclusions(results, summarise(results), study)).replace("\u00a0", " ")


def warned(results):
    return "\n".join(cautions(results, summarise(results))).replace("\u00a0", " ")


def test_the_verdict_tells_the_cost_with_its_interval(results):
    sentence = verdict(results, summarise(results)).replace("\u00a0", " ")
    assert sentence.startswith("Guest lab (TCG) on hyper runs cpu at 20.0 % of native (5.00× slower, 95 % interval ")
    assert "memory at 20.0 %" in sentence and sentence.endswith("medians of 7 interleaved rounds in one boot.")


def test_a_latency_is_a_share_of_natives_time_and_not_of_its_speed(measured):
    results = measured([5.0] * 6, [1.0] * 6)
    summary = summarise(results)
    for entry in summary["comparisons"]:
        entry["better"] = "lower"
    assert "runs cpu in 500.0\u00a0% of native's time (" in verdict(results, summary)


def test_image_accelerator_clock_and_cost_are_told(results):
    text = said(results)
    assert "runs the image debian-12-built, built here in place of ubuntu-20.04: cloud-images" in text
    assert "emulated by QEMU's TCG (QEMU stopped: failed to set MSR 0x10a)" in text
    assert "reads the time from tsc, so" in text
    assert "The biggest cost on lab is" in text
    assert "reference study" not in text


def test_the_study_is_compared_with(results, study):
    text = said(results, study)
    assert "the reference study's figures give 39.8 %" in text  # 1 - 11.42/18.97
    assert "did 52.4 events/s in cpu" in text and "the study had 2.6–3.5 % of an estimated one" in text
    assert "did 183,623 operations/s in memory" in text


def test_noise_is_called_noise(measured):
    results = measured([1.0, 1.02, 0.98, 1.01, 0.99, 1.0], [1.01, 0.99, 1.0, 0.98, 1.02, 1.0])
    assert "of native (inside the noise, 95" in verdict(results, summarise(results))
    text = said(results)
    assert (
        "Within the noise, so no difference is shown: cpu: events/s; memory: operations/s." in text
        and "biggest cost" not in text
    )


def test_another_clock_and_another_image_are_told(measured):
    results = measured([0.2] * 6, [1.0] * 6, clock="hpet", metadata={"image": "ubuntu-20.04", "image_fallback": "none"})
    assert "reads the time from hpet, which leaves the guest at each reading." in said(results)
    assert "runs the image ubuntu-20.04, as asked for." in said(results)
    assert "from hpet, a device" in warned(results) and "fallback" not in warned(results)


@pytest.mark.parametrize(("kind", "slow"), [("attribution", "clock"), ("tuning", "baseline")])
def test_what_tsc_gains_is_told_where_it_was_measured(measured, experiment, kind, slow):
    results = measured([0.2] * 6, [1.0] * 6, clock="hpet")
    results["experiments"][kind] = experiment(kind, lambda variant, test, guest: 100.0 if variant == slow else 400.0)
    assert "at each reading; with TSC instead, a probe guest under TCG does the memory test 4.0" in said(results)
    results["guests"][0]["type"] = "kvm"
    assert "with TSC instead" not in said(results)
    results["guests"][0]["type"] = "qemu"
    results["experiments"][kind] = experiment(kind, lambda variant, test, guest: 100.0)
    assert "with TSC instead" not in said(results)


def test_only_a_guest_that_is_clearly_faster_than_native_deceives(measured):
    fast = measured([1.5, 1.51, 1.49, 1.5, 1.5, 1.52], [1.0, 1.01, 0.99, 1.0, 1.0, 1.02])
    assert "cpu: events/s: lab is faster than native. Look for a cache" in warned(fast)
    fast["targets"][1]["kind"] = "container"
    assert "faster than native" not in warned(fast)
    hardly = measured([1.01] * 6, [1.0] * 6)
    assert "faster than native" in str(summarise(hardly)) and "faster than native" not in warned(hardly)


def test_a_reason_that_ends_with_a_point_gets_no_second_one(measured):
    metadata = {"image": "a", "image_fallback": "auto", "image_reason": "Gone.", "accelerator_reason": "No KVM."}
    text = warned(measured([0.2] * 6, [1.0] * 6, metadata=metadata))
    assert "Gone." in text and "No KVM." in text and ".." not in text


def test_warnings_of_a_fallback_a_virtual_host_and_noise(measured):
    results = measured([0.2, 0.2, 0.2], [1.0, 1.0, 1.0])
    results["runs"][0]["result"]["cpu_percent"]["steal"] = 7.5
    results["targets"][1]["load_before"] = 3.0
    results["targets"][1]["binary_sha256"] = "ef" * 32
    text = warned(results)
    for part in (
        "fallback image debian-12-built instead of ubuntu-20.04",
        "emulated by TCG, without KVM",
        "did not run the same sysbench binary",
        "itself runs under kvm",
        "3 rounds are too few for an exact interval",
        "Up to 7.50 % of the time was stolen from native",
        "lab was busy before the first round: load 3.00 on 2 CPUs",
    ):
        assert part in text
