# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Experiments: what each compares, in which order it runs, and what came out, as one document.

A design is pure: it says which variants there are, with what differs between them, and which cannot run here and why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError

from . import attribution, contention, quick, tuning

Design = dict[str, Any]

DESIGNS: Mapping[str, Callable[[Mapping[str, Any], int], Design]] = {
    "quick": quick.design,
    "attribution": attribution.design,
    "tuning": tuning.design,
    "contention": contention.design,
}
"""From the kind of an experiment to what designs it, from the facts of the host and the seconds of a test."""

LEFT_OUT = "left out of this run (experiments_variants)"


def plan(design: Design, rounds: int) -> list[dict[str, Any]]:
    """All runs, interleaved: every round has every variant, in an order that alternates.

    So a drift of the machine meets all variants alike, and none of them always runs first.
    """
    names = [variant["name"] for variant in design["variants"] if variant["available"]]
    total = rounds * len(names)
    items: list[dict[str, Any]] = []
    for turn in range(1, rounds + 1):
        for name in names if turn % 2 else reversed(names):
            position = len(items) + 1
            variant = next(variant for variant in design["variants"] if variant["name"] == name)
            items.append(
                {
                    "position": position,
                    "round": turn,
                    "variant": name,
                    "settings": variant["settings"],
                    "label": f"round {turn} of {rounds}: {variant['label']} (run {position} of {total})",
                }
            )
    return items


def collect(design: Design, facts: Mapping[str, Any], done: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The experiment as the results hold it, from what the tasks of each run returned (C(item), C(results))."""
    runs, failures = [], []
    for entry in done:
        item = entry["item"]
        place = {key: item[key] for key in ("position", "round", "variant")}
        for result in entry["results"]:
            if "sysbench" in result:
                found = [{"guest": 0, **result["sysbench"], "name": result["item"]["name"]}]
            elif "probe" in result:
                found = list(_guests(result["probe"]))
            else:
                failures.append({**place, "reason": str(result.get("msg") or "no result")})
                continue
            runs += [{**place, "test": run["name"], "tool": "sysbench", "result": run} for run in found]
    return {
        "kind": design["kind"],
        "started": runs[0]["result"]["started"] if runs else "",
        "settings": {
            "rounds": max((entry["item"]["round"] for entry in done), default=0),
            "tests": design["tests"],
            "probe": dict(facts),
            "failures": failures,
        },
        "variants": [_judged(variant, runs, failures) for variant in design["variants"]],
        "runs": runs,
    }


def _guests(probe: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    """The runs of all guests of a boot; what is of the guest goes to each of its runs."""
    return [
        {
            **run,
            "guest": number,
            "boot_s": guest["boot_s"],
            "environment": guest["environment"]["last"],
            "settings": guest["settings"],
            "qemu_command": guest["command"],
        }
        for number, guest in enumerate(probe["guests"], 1)
        for run in guest["runs"]
    ]


def _judged(
    variant: Mapping[str, Any], runs: Sequence[Mapping[str, Any]], failures: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The variant; one that was thought to run and never did is not available either, and says why."""
    reasons = [failure["reason"] for failure in failures if failure["variant"] == variant["name"]]
    if variant["available"] and reasons and not any(run["variant"] == variant["name"] for run in runs):
        return {**variant, "available": False, "reason": reasons[-1]}
    return dict(variant)


def select(design: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The design with only the named variants to be made; the others stay in it, and say that they were left out."""
    there = [each["name"] for each in design["variants"]]
    unknown = [name for name in names if name not in there]
    if unknown:
        raise HypervisorError(
            f"The experiment {design['kind']} has no variant {', '.join(unknown)}: name some of {', '.join(there)}"
            " (experiments_variants).",
            "INVALID_OPTION",
        )
    left_out = {"available": False, "reason": LEFT_OUT}
    variants = design["variants"]
    return {
        **design,
        "variants": [
            each if each["name"] in names or not each["available"] else {**each, **left_out} for each in variants
        ],
    }


def document(
    results: Mapping[str, Any] | None, experiment: Mapping[str, Any], hypervisor: str, host: Mapping[str, Any]
) -> dict[str, Any]:
    """The results with the experiment in them; without results, a document that has nothing else."""
    found = results or {
        "schema_version": 2,
        "hypervisor": hypervisor,
        "started": experiment["started"],
        "settings": {"rounds": 0, "time": 0, "native": "host", "tests": []},
        "host": dict(host),
        "guests": [],
        "targets": [],
        "substrates": [],
        "stopping": None,
        "runs": [],
        "experiments": {},
    }
    return {**found, "experiments": {**found["experiments"], experiment["kind"]: experiment}}
