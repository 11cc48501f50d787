# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Who makes the network of a guest without privileges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

AUTO, PASST, SLIRP = "auto", "passt", "slirp"


def choose(place: Mapping[str, Any], host: Mapping[str, Any], kept: Mapping[str, Any] | None) -> tuple[str, str]:
    """Who makes it, and what stands against that; nobody does for a guest of the system.

    The domain that is C(kept) keeps its own: another card would need a restart, and passt may have come only later.
    """
    if not place["session"]:
        return "", ""
    return _made(place, host) if kept is None else _kept(place, kept)


def _kept(place: Mapping[str, Any], domain: Mapping[str, Any]) -> tuple[str, str]:
    has = PASST if any(card["passt"] for card in domain["interfaces"]) else SLIRP
    if place["user_network"] in (AUTO, has):
        return has, ""
    return has, (
        f"The guest {place['guest']['name']} has its network from {has}, and keeps it: let it be made anew, disk and"
        f" all, with guest_recreate: always, or set guest_user_network to {has} or {AUTO}."
    )


def _made(place: Mapping[str, Any], host: Mapping[str, Any]) -> tuple[str, str]:
    asked = place["user_network"]
    verdicts = [each for each in host["user_networks"] if asked in (AUTO, each["name"])]
    usable = [each["name"] for each in verdicts if each["usable"]]
    if usable:
        return usable[0], ""
    reasons = "; ".join(f"{each['name']}: {each['reason']}" for each in verdicts)
    return asked, (
        f"The guest {place['guest']['name']} cannot have a network at {place['uri']} of {place['hypervisor']} with"
        f" guest_user_network: {asked} ({reasons}). Remove the cause"
        f"{'' if asked == AUTO else f', or set it to {AUTO}'}."
    )
