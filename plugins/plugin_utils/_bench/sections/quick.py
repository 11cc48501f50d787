# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The quick look: native beside a probe guest under each accelerator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import statistics, text
from ..experiments.values import Experiment, headline, runs, values
from ..languages import say
from ..metrics import named
from ..section import section
from ..tables import Table, table
from . import common


def labels() -> dict[str, str]:
    """The names of the variants."""
    return {"native": say("native"), "kvm": say("guest under KVM"), "tcg": say("guest under TCG")}


def section_of(experiment: Experiment, study: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The section."""
    found = compared(experiment)
    sentences = [
        say(
            "{test}: the {guest} is {compared}.",
            test=row["test"],
            guest=labels()[row["variant"]],
            compared=common.beside_native(row["slow_down"]),
        )
        for row in found
    ]
    return section(
        "quick",
        say("A quick look"),
        sentences=sentences,
        tables=[overview(experiment), *common.not_run(experiment, labels())],
        notes=common.method(experiment),
    )


def compared(experiment: Experiment) -> list[dict[str, Any]]:
    """For each test and guest how many times slower it is than native."""
    found = []
    for test in (test["name"] for test in experiment["settings"]["tests"]):
        native = values(experiment, "native", test)
        for variant in experiment["variants"]:
            guest = values(experiment, variant["name"], test)
            if variant["name"] != "native" and native and guest:
                interval = statistics.ratio_interval(native, guest) or {"low": None, "high": None}
                value = statistics.median(native) / statistics.median(guest)
                slow_down = {"value": value, "low": interval["low"], "high": interval["high"]}
                found.append({"test": test, "variant": variant["name"], "slow_down": slow_down})
    return found


def overview(experiment: Experiment) -> Table:
    """A row for each test and accelerator; one that cannot be used says so in its place."""
    slow = {(row["test"], row["variant"]): row["slow_down"] for row in compared(experiment)}
    rows = []
    for test in (test["name"] for test in experiment["settings"]["tests"]):
        metric = headline(experiment, test)
        native = values(experiment, "native", test)
        for variant in experiment["variants"]:
            if variant["name"] == "native":
                continue
            guest = values(experiment, variant["name"], test)
            found = slow.get((test, variant["name"]))
            rows.append(
                [
                    f"{test}: {named(metric.label, metric.unit)}",
                    labels()[variant["name"]],
                    text.number(statistics.median(native)) if native else None,
                    text.number(statistics.median(guest)) if guest else say("not usable"),
                    text.percent(1 / found["value"]) if found else None,
                    common.times(found) if found else None,
                    _boot(experiment, variant["name"]),
                ]
            )
    columns = [say("Metric"), say("Guest"), say("Native"), say("In the guest"), say("% of native"), say("Slow-down")]
    return table(say("Native and guest"), [*columns, say("Boot, s")], rows)


def _boot(experiment: Experiment, variant: str) -> str | None:
    seconds = [run["result"]["boot_s"] for run in runs(experiment, variant) if "boot_s" in run["result"]]
    return text.number(statistics.median(seconds)) if seconds else None
