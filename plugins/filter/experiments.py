# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters of the role experiments: what to run, in which order, and what came out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench import experiments, tables
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench import tuning as tuned
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.sections import SECTIONS
from ansible_collections.mini.hypervisor.plugins.plugin_utils.plain import plain


def experiment_design(
    facts: Mapping[str, Any], kind: str, time: int = 1, only: Sequence[str] | None = None
) -> dict[str, Any]:
    """What an experiment compares on a host; of its variants C(only) those, where they are named."""
    if kind not in experiments.DESIGNS:
        raise AnsibleFilterError(f"There is no experiment {kind!r}: give one of {', '.join(experiments.DESIGNS)}.")
    design = experiments.DESIGNS[kind](plain(facts), int(time))
    if not only:
        return design
    try:
        return experiments.select(design, plain(only))
    except HypervisorError as error:
        raise AnsibleFilterError(str(error)) from error


def experiment_plan(design: Mapping[str, Any], rounds: int) -> list[dict[str, Any]]:
    """Its runs in their order."""
    return experiments.plan(plain(design), int(rounds))


def experiment_collect(done: Sequence[Any], design: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The experiment, from what its tasks returned."""
    return experiments.collect(plain(design), plain(facts), plain(done))


def experiment_document(
    experiment: Mapping[str, Any], results: Mapping[str, Any], hypervisor: str, host: Mapping[str, Any]
) -> dict[str, Any]:
    """The results of a benchmark with an experiment in them."""
    return experiments.document(plain(results), plain(experiment), hypervisor, plain(host))


def experiment_lines(experiment: Mapping[str, Any]) -> list[str]:
    """What was found, as lines of plain text: sentences, and the tables in aligned columns."""
    found = plain(experiment)
    section = SECTIONS[found["kind"]](found)
    lines = [section["title"], "", *section["sentences"]]
    for table in section["tables"]:
        lines += ["", f"{table['title']}:", *tables.aligned(table)]
    if found["kind"] == "tuning":
        applied = tuned.snippet(tuned.effects(found))
        lines += ["", "# The inventory that applies the winners:", *applied] if applied else []
    return lines


class FilterModule:
    """The filters by name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters by name."""
        return {
            "experiment_collect": experiment_collect,
            "experiment_design": experiment_design,
            "experiment_document": experiment_document,
            "experiment_lines": experiment_lines,
            "experiment_plan": experiment_plan,
        }
