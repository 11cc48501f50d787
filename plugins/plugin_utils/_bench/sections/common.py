# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What the sections of experiments have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import statistics, text
from ..experiments.values import Experiment, missing
from ..languages import say
from ..tables import Table, table

BUSY_PERCENT = 5.0


def waited(experiment: Experiment) -> float | None:
    """The share that QEMU's threads waited where a single guest ran; None where none did.

    Several guests at once wait for each other, and one with a quota for that, which is no fault of the host.
    """
    several = {run["position"] for run in experiment["runs"] if run["result"].get("guest", 0) > 1}
    found = [
        run["result"]["wait_percent"]
        for run in experiment["runs"]
        if run["position"] not in several
        and len(run["result"].get("vcpu_threads", [])) <= len(experiment["settings"]["probe"]["usable_cpus"])
        and run["result"].get("wait_percent") is not None
        and not run["result"].get("settings", {}).get("quota")
    ]
    return statistics.median(found) if found else None


def times(found: Mapping[str, Any]) -> str:
    """A factor with its interval."""
    return text.times(found["value"]) + (text.interval(found) if found["low"] is not None else "")


def beside_native(found: Mapping[str, Any]) -> str:
    """A slow-down in words; one whose interval has 1 in it is none."""
    if found["low"] is not None and found["low"] <= 1 <= found["high"]:
        return say("as fast as native within the noise, {factor}", factor=times(found))
    if found["value"] >= 1:
        return say("{factor} slower than native", factor=times(found))
    turned = {"value": found["value"], "low": found["high"], "high": found["low"]}
    inverse = {key: None if value is None else 1 / value for key, value in turned.items()}
    return say("{factor} faster than native", factor=times(inverse))


def not_run(experiment: Experiment, labels: Mapping[str, str]) -> list[Table]:
    """The variants that could not run here, each with its reason."""
    rows = [[labels.get(name, name), reason] for name, reason in missing(experiment)]
    return [table(say("Not measured here"), [say("What"), say("Why not")], rows)] if rows else []


def method(experiment: Experiment) -> list[str]:
    """How it was measured."""
    settings, probe = experiment["settings"], experiment["settings"]["probe"]
    seconds = max(test["time"] for test in settings["tests"])
    found = [
        say(
            "{rounds} interleaved rounds; each round of a guest is a boot of its own, each test runs for {seconds} s.",
            rounds=settings["rounds"],
            seconds=seconds,
        ),
        say("QEMU {version}; intervals are 95 %, bootstrapped.", version=probe["qemu"]["version"]),
    ]
    if settings["rounds"] < statistics.EXACT_FROM:
        found.append(
            say(
                "{rounds} rounds are few: with fewer than {least}, an interval promises more than it holds.",
                rounds=settings["rounds"],
                least=statistics.EXACT_FROM,
            )
        )
    busy = waited(experiment)
    if busy is not None and busy > BUSY_PERCENT:
        found.append(
            say(
                "The host was busy, so the numbers are noisy: QEMU's threads waited {percent} of their time.",
                percent=text.percent(busy / 100),
            )
        )
    failures = settings["failures"]
    if failures:
        found.append(
            say(
                "{count} runs failed and are missing, the first because: {reason}",
                count=len(failures),
                reason=failures[0]["reason"],
            )
        )
    return found
