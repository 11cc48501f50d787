# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters of the role guest, which asks a hypervisor once for all guests of a play, and then knows what to do.

What they compute is Python rather than templates because each template costs every guest of each run time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.plugin_utils._guest import identities, problems, survey, way
from ansible_collections.mini.hypervisor.plugins.plugin_utils.plain import plain


def guest_place(asked: Mapping[str, Any], seed: Mapping[str, Any], hypervisor: Mapping[str, Any]) -> dict[str, Any]:
    """All that is asked for of a guest, what stands against it, what names its seed, and the way to its hypervisor.

    C(seed) are the options of its seed, C(hypervisor) the variables of that host.
    """
    place = plain(asked)
    found = {"identities": guest_identities(seed), "way": way.hypervisor(place["hypervisor"], hypervisor)}
    return {**place, **found, "problems": problems.problems(place)}


def guest_identities(seed: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What names the content of the guest's seed, by how its image came to be."""
    try:
        return identities.identities(plain(seed))
    except HypervisorError as error:
        raise AnsibleFilterError(str(error)) from error


def guest_questions(places: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Whom to ask what about the guests that live at C(places)."""
    return survey.questions(plain(places))


def guest_plans(places: Mapping[str, Any], answers: Mapping[str, Sequence[Any]]) -> dict[str, dict[str, Any]]:
    """What was found of each guest, and what is to be done about it."""
    return survey.survey(plain(places), plain(answers))


def guest_way(place: Mapping[str, Any], address: str) -> str:
    """The file that tells ssh how to reach the guest."""
    return way.written(plain(place), address)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name to function."""
        return {
            "guest_place": guest_place,
            "guest_identities": guest_identities,
            "guest_questions": guest_questions,
            "guest_plans": guest_plans,
            "guest_way": guest_way,
        }
