# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What the tasks of a benchmark returned, as the one document that the rest works on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import nested as inside
from .schedule import tool_of
from .stopping import together
from .waits import waits as waits_of

SCHEMA_VERSION = 2
NATIVE, USER, CONTAINER, GUEST = "native", "user", "container", "guest"
SYSBENCH = "sysbench"

Tasks = Sequence[Mapping[str, Any]]


def runs_of(tasks: Tasks) -> list[dict[str, Any]]:
    """The runs of the results, from what the tasks of the rounds returned."""
    return [
        {
            "position": task["item"]["position"],
            "round": task["item"]["round"],
            "boot": task["item"].get("boot", 1),
            "test": task["item"]["test"]["name"],
            "target": task["item"]["target"],
            "tool": tool_of(task["item"]["test"]),
            "result": task[tool_of(task["item"]["test"])],
        }
        for task in tasks
    ]


def collect(
    runs: Tasks,
    warm_up: Tasks,
    *,
    hypervisor: str,
    settings: Mapping[str, Any],
    host: Mapping[str, Any],
    domains: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    native_sha256: str = "",
    substrates: Sequence[Mapping[str, Any]] = (),
    stopping: Sequence[Mapping[str, Any]] = (),
    waits: Sequence[Mapping[str, Any]] = (),
    experiments: Mapping[str, Any] | None = None,
    nested: Mapping[str, Any] | None = None,
    left_out: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """The document; C(names) maps a guest to a domain of another name, C(native_sha256) is what a wrapper runs.

    C(substrates) has all that was asked for besides guests (C(name), C(kind), C(available), C(reason)), C(stopping)
    is what C(stopping.progress) said at the end of each boot, C(waits) what was read after each round for
    C(waits.waits).

    C(experiments) has those that were made beside the rounds, by kind: C(kind), C(started), C(settings), C(variants)
    (C(name), C(label), C(settings), C(available), C(reason)), and C(runs) (C(position), C(round), C(variant),
    C(test), C(tool), C(result)).

    C(nested) has the guest inside a guest where it was asked for: the C(guest) around it, and its C(boots). It is
    measured in few rounds, and does not decide how many the others have.

    C(left_out) has the tests that cannot run on a target: C(test), C(target), C(reason).
    """
    measured = runs_of(runs)
    by_domain = {domain["name"]: domain for domain in domains}
    kinds = {substrate["name"]: substrate["kind"] for substrate in substrates}
    warm = [task for task in warm_up if any(run["target"] == task["item"]["target"] for run in measured)]
    boots = nested["boots"] if nested else []
    return {
        "schema_version": SCHEMA_VERSION,
        "hypervisor": hypervisor,
        "started": measured[0]["result"]["started"],
        "settings": settings,
        "host": host,
        "guests": [
            {**by_domain.get(domain or guest, {}), "name": guest, "domain": domain or guest}
            for guest, domain in names.items()
        ],
        "substrates": [
            *substrates,
            *(_guest(guest) for guest in names),
            *([inside.substrate(nested["guest"], boots)] if nested else []),
        ],
        "targets": [*(_target(task, measured, kinds, native_sha256) for task in warm), *inside.targets(boots)],
        "runs": inside.merged(measured, inside.runs(boots)) if boots else measured,
        "stopping": together(measured, stopping),
        "waits": waits_of(waits),
        "left_out": list(left_out),
        "experiments": experiments or {},
    }


def _guest(name: str) -> dict[str, Any]:
    return {"name": name, "kind": GUEST, "available": True, "reason": ""}


def _target(task: Mapping[str, Any], measured: Tasks, kinds: Mapping[str, str], native_sha256: str) -> dict[str, Any]:
    """A target, with its environment before the first and after the last round."""
    name, first = task["item"]["target"], task[SYSBENCH]
    last = [run["result"] for run in measured if run["target"] == name][-1]
    kind = kinds.get(name, NATIVE if name == NATIVE else GUEST)
    return {
        "name": name,
        "kind": kind,
        "version": first["version"],
        "executable": first["executable"]["path"],
        # What is beside the guests runs through a wrapper, whose digest says nothing.
        "binary_sha256": (kind != GUEST and native_sha256) or first["executable"]["sha256"],
        "load_before": first["load_average"]["before"][0],
        "warm_up": {"test": first["test"], "events_per_second": first["events_per_second"]},
        "environment": {"first": first["environment"], "last": last["environment"]},
    }
