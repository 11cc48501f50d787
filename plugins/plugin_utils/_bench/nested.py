# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The guest inside a guest: what its boots returned, as a substrate, a target and runs like those of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

NESTED = "nested"
"""Its name and its kind."""

Boots = Sequence[Mapping[str, Any]]
"""What the tasks of C(probe_run) returned: C(item) with C(round) and C(boot), and C(probe), or C(msg) where it failed.

Round 0 is the boot that proves it, which is its warm-up.
"""


def substrate(guest: str, boots: Boots) -> dict[str, Any]:
    """Its row: what it runs under and why, or why it does not run."""
    ran = [boot for boot in boots if "probe" in boot]
    failures = [{"round": boot["item"]["round"], "reason": _reason(boot)} for boot in boots if "probe" not in boot]
    is_measured = len(ran) > 1 or (len(ran) == 1 and not failures)
    row = {"name": NESTED, "kind": NESTED, "available": is_measured, "reason": ""}
    if not ran:
        return {**row, "reason": failures[0]["reason"] if failures else "it was not tried"}
    probe = ran[0]["probe"]
    return {
        **row,
        "reason": "" if is_measured else failures[-1]["reason"],
        "nested": {
            "guest": guest,
            "accelerator": probe["accelerator"],
            "accelerator_reason": probe["accelerator_reason"],
            "qemu": probe["qemu"]["version"],
            "boot_s": [_inside(boot)["boot_s"] for boot in ran],
            "failures": failures,
        },
    }


def runs(boots: Boots) -> list[dict[str, Any]]:
    """The runs of its rounds, in the order in which they were made."""
    return [
        {
            "position": 0,
            "round": boot["item"]["round"],
            "boot": boot["item"]["boot"],
            "test": run["name"],
            "target": NESTED,
            "tool": "sysbench",
            "result": _result(boot, run),
        }
        for boot in boots
        if boot["item"]["round"] and "probe" in boot
        for run in _inside(boot)["runs"]
    ]


def targets(boots: Boots) -> list[dict[str, Any]]:
    """It as a target, with its environment at its warm-up and in its last round; none where no round was made."""
    measured = runs(boots)
    if not measured:
        return []
    warm_up = next(boot for boot in boots if not boot["item"]["round"])
    first = _result(warm_up, _inside(warm_up)["runs"][0])
    return [
        {
            "name": NESTED,
            "kind": NESTED,
            "version": first["version"],
            "executable": first["executable"]["path"],
            "binary_sha256": first["executable"]["sha256"],
            "load_before": first["load_average"]["before"][0],
            "warm_up": {"test": first["test"], "events_per_second": first["events_per_second"]},
            "environment": {"first": first["environment"], "last": measured[-1]["result"]["environment"]},
        }
    ]


def merged(outer: Sequence[dict[str, Any]], inner: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """All runs numbered in the order in which they were made: in each round, those of the guest inside are the last."""
    ordered = sorted([*outer, *inner], key=lambda run: int(run["round"]))
    return [{**run, "position": place} for place, run in enumerate(ordered, 1)]


def _inside(boot: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = boot["probe"]["guests"][0]
    return found


def _result(boot: Mapping[str, Any], run: Mapping[str, Any]) -> dict[str, Any]:
    """A run with the keys of C(sysbench_run): load is that of the guest around it, whose clock gives the wall time.

    How the time of its own processors was spent, it does not tell.
    """
    probe = boot["probe"]
    return {
        **{key: value for key, value in run.items() if key != "name"},
        "wall_time_s": run["host_time_s"],
        "load_average": probe["load_average"],
        "cpu_percent": None,
        "environment": _inside(boot)["environment"]["last"],
        "executable": probe["image"]["programs"]["sysbench"],
        "boot_s": _inside(boot)["boot_s"],
        "qemu_command": _inside(boot)["command"],
    }


def _reason(boot: Mapping[str, Any]) -> str:
    return str(boot.get("msg") or "no answer")
