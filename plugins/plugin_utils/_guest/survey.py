# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What the hypervisors of a play are asked for all guests together, and what their answers say of each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .plan import plan

Place = Mapping[str, Any]
"""Where a guest lives and what is asked for, as the role puts it together."""

_SILENT = {"msg": "it does not answer"}
_UNSEEN = {"ready": False, "state": "absent", "address": None, "seed": None}

# What tells apart whom each question is put to.
_ASKED = {
    "hosts": ("hypervisor", "uri", "accelerator"),
    "domains": ("hypervisor", "uri"),
    "networks": ("hypervisor", "uri", "network"),
    "pools": ("hypervisor", "uri", "pool"),
    "guests": ("hypervisor", "uri"),
}


def questions(places: Mapping[str, Place]) -> dict[str, list[dict[str, Any]]]:
    """Whom to ask what, each once."""
    asked: dict[str, list[dict[str, Any]]] = {}
    for kind in _ASKED:
        asked[kind] = []
        for place in places.values():
            question = _question(kind, place)
            if question not in asked[kind]:
                asked[kind].append(question)
    return asked


def survey(
    places: Mapping[str, Place], answers: Mapping[str, Sequence[Mapping[str, Any]]]
) -> dict[str, dict[str, Any]]:
    """The plan for each guest; C(answers) are the results of the loops over the questions."""
    return {name: plan(place, _found(place, answers)) for name, place in places.items()}


def _question(kind: str, place: Place) -> dict[str, Any]:
    return {key: place[key] for key in _ASKED[kind]}


def _found(place: Place, answers: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """What there is of the guest; C(told) is what was said in place of an answer."""
    said = {kind: _answer(kind, place, answers.get(kind, ())) for kind in _ASKED}
    name = place["guest"]["name"]
    domain = _named(said["domains"].get("domains", ()), "name", name)
    disks = {disk["target"]: disk.get("source") for disk in (domain or {}).get("disks") or ()}
    return {
        "host": said["hosts"].get("host"),
        "domain": domain,
        "disks": disks,
        "made": _made((domain or {}).get("metadata") or {}),
        "volume": _named(said["pools"].get("volumes", ()), "path", disks.get("vda")),
        "reserved": any(_reserves(network, place) for network in said["networks"].get("networks", ())),
        "look": _named(said["guests"].get("guests", ()), "name", name) or _UNSEEN,
        "told": {kind: answer.get("msg", "") for kind, answer in said.items()},
    }


def _answer(kind: str, place: Place, results: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    question = _question(kind, place)
    return next((each for each in results if each["item"] == question), _SILENT)


def _named(found: Sequence[Mapping[str, Any]], key: str, value: Any) -> Any:
    return next((each for each in found if each[key] == value), None)


def _made(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What the role kept with the domain: what it was made from, and how its first boot went, once that went well."""
    texts = {key: metadata.get(key) or "" for key in ("boot", "saved", "saved_disk")}
    return {**texts, **{key: json.loads(metadata.get(key) or "{}") for key in ("image_facts", "instance_parts")}}


def _reserves(network: Mapping[str, Any], place: Place) -> bool:
    wanted = {"mac": place["mac"], "ip": place["address"], "name": place["hostname"]}
    reserved = network.get("dhcp_hosts") or ()
    return network["state"] == "active" and any(wanted.items() <= host.items() for host in reserved)
