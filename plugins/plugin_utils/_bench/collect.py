# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What the tasks of a benchmark returned, as the one document that the rest works on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SCHEMA_VERSION = 2
NATIVE = "native"

Tasks = Sequence[Mapping[str, Any]]


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
    experiments: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The document; C(names) maps a guest to a domain of another name, C(native_sha256) is what a wrapper runs.

    C(experiments) has those that were made beside the rounds, by kind: C(kind), C(started), C(settings), C(variants)
    (C(name), C(label), C(settings), C(available), C(reason)), and C(runs) (C(position), C(round), C(variant),
    C(test), C(tool), C(result)).
    """
    measured = [
        {
            "position": task["item"]["position"],
            "round": task["item"]["round"],
            "test": task["item"]["test"]["name"],
            "target": task["item"]["target"],
            "tool": "sysbench",
            "result": task["sysbench"],
        }
        for task in runs
    ]
    by_domain = {domain["name"]: domain for domain in domains}
    targets = [_target(task, measured, native_sha256) for task in warm_up]
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
        "targets": targets,
        "runs": measured,
        "experiments": experiments or {},
    }


def _target(task: Mapping[str, Any], measured: Tasks, native_sha256: str) -> dict[str, Any]:
    """A target, with its environment before the first and after the last round."""
    name, first = task["item"]["target"], task["sysbench"]
    last = [run["result"] for run in measured if run["target"] == name][-1]
    kind = NATIVE if name == NATIVE else "guest"
    return {
        "name": name,
        "kind": kind,
        "version": last["version"],
        "executable": last["executable"]["path"],
        "binary_sha256": (kind == NATIVE and native_sha256) or last["executable"]["sha256"],
        "load_before": first["load_average"]["before"][0],
        "environment": {"first": first["environment"], "last": last["environment"]},
    }
