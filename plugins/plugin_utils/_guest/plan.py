# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What is to be done about one guest, from what is asked for and what is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import user_network, way

NEVER, IF_NEEDED, ALWAYS = "never", "if_needed", "always"
BUILT, FETCHED = "built", "fetched"
"""How an image came to be: one that was built has the guest's packages already."""

_SPOKEN = {"true": ALWAYS, "yes": ALWAYS, "false": NEVER, "no": NEVER}


def recreate_when(said: Any) -> str:
    """When a guest is made anew, however it was said."""
    return _SPOKEN.get(str(said).lower(), str(said))


def plan(place: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """What was found, what follows from it, and the C(problem) that stands against it.

    C(kept) is whether the domain that is there stays, C(recreated) whether it is made anew; C(made_already) whether a
    kept one has all that it needs, and C(settled) whether it is ready and everybody knows how to reach it.
    C(user_network) tells who makes its network where that takes no privileges.
    """
    problem = _obstacle(place, found)
    if problem:
        return {**found, "problem": problem, "kept": False}
    when = recreate_when(place["recreate"])
    identities = {source: _identity(place, source) for source in (BUILT, FETCHED)}
    image, exists = found["made"]["image_facts"], found["domain"] is not None
    identity = identities[BUILT if image.get("source") == "build" else FETCHED]
    differs = _difference(found["made"]["instance_parts"], identity["parts"])
    recreated = exists and (when == ALWAYS or (when == IF_NEEDED and bool(differs)))
    kept = exists and not recreated
    spent = {"sha256": identity["sha256"], "spent": True}
    seed = found["look"]["seed"]
    seed_changes = not kept or seed is None or {key: seed[key] for key in spent} != spent
    boot = found["made"]["boot"] if kept else ""
    network, against = user_network.choose(place, found["host"], found["domain"] if kept else None)
    return {
        **found,
        "problem": _misfit(place, found, differs if when == NEVER else [], kept) or against,
        "exists": exists,
        "kept": kept,
        "recreated": recreated,
        "user_network": network,
        "identities": identities,
        "seed_changes": seed_changes,
        "boot": boot,
        "made_already": kept and not seed_changes and _is_complete(place, found),
        "settled": bool(kept and boot and not seed_changes and found["look"]["ready"] and _is_reached(place, found)),
    }


def _identity(place: Mapping[str, Any], source: str) -> dict[str, Any]:
    """What the guest is made from, in parts without secrets: kept with the domain, they tell what has changed since."""
    identity = place["identities"][source]
    parts = {**identity["parts"], "image": place["image"]}
    if source == BUILT:
        parts["packages"] = " ".join(sorted(place["packages"]))
    if place["from"] != "image":
        parts["from"] = place["from"]
    return {**identity, "parts": parts}


def _difference(made: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    """The parts that differ; none where it is not known what it was made from."""
    return sorted(key for key in {*made, *wanted} if made.get(key) != wanted.get(key)) if made else []


def _is_complete(place: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    grown = found["volume"] is not None and found["volume"]["capacity"] == place["disk_size"]
    reserved = not place["address"] or found["reserved"]
    # Where a user's guest does not run, somebody else may have its port meanwhile.
    return bool(grown and reserved and (not place["session"] or found["domain"]["state"] == "running"))


def _is_reached(place: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    address = found["look"]["address"]
    return bool(place["known"] and address and place["written"].strip() == way.written(place, address).strip())


def _obstacle(place: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    name, hypervisor, host, told = place["guest"]["name"], place["hypervisor"], found["host"], found["told"]
    if host is None:
        return f"{hypervisor} cannot be looked at: {told['hosts']}"
    if host["versions"]["libvirt"] is None:
        return (
            f"libvirt does not answer on {hypervisor}: {' '.join(host['problems'])}"
            " The role mini.hypervisor.host (site.yml) makes it a hypervisor."
        )
    if told["domains"]:
        return f"The domains of {hypervisor} cannot be read: {told['domains']}"
    if found["domain"] and recreate_when(place["recreate"]) != ALWAYS and "path" not in found["made"]["image_facts"]:
        return (
            f"There is a domain {name} on {hypervisor} that this role did not make: choose another guest_name,"
            " or let it be replaced, disk and all, with guest_recreate: always."
        )
    if place["memory"] >= host["node"]["memory"]:
        return (
            f"The guest {name} shall have {place['memory'] >> 20} MiB of memory, and {hypervisor} has"
            f" {host['node']['memory'] >> 20} MiB in all: give it less (guest_memory)."
        )
    return ""


def _misfit(place: Mapping[str, Any], found: Mapping[str, Any], differs: list[str], kept: bool) -> str:
    """What stands against keeping the guest that is there."""
    name = place["guest"]["name"]
    if differs:
        return (
            f"The guest {name} exists and was made from other {', '.join(differs)} than it shall have now, which only a"
            " first boot can change: let it be made anew, disk and all, with guest_recreate: if_needed, or take the"
            " change back."
        )
    if kept and found["volume"] is None:
        return (
            f"The disk of the guest {name} is {found['disks'].get('vda')}, which is not in the pool {place['pool']} of"
            f" {place['hypervisor']} (guest_pool), and is left as it is: set guest_pool to the pool that has it, or let"
            f" the guest be made anew, disk and all, with guest_recreate: always. {found['told']['pools']}".rstrip()
        )
    return ""
