# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What libvirt counts for a running domain, under libvirt's own names."""

from __future__ import annotations

import time
from typing import Any, Mapping

from .._deps import libvirt
from .._libvirt.errors import explained

_LISTED = {"vcpu": "vcpus", "block": "blocks", "net": "interfaces"}
"""What libvirt numbers becomes a list of this name."""


def statistics(connection: Any, domain: Any) -> dict[str, Any]:
    """The counters of a running domain: one call for all, one more for the processor of each virtual CPU."""
    asked = (
        libvirt.VIR_DOMAIN_STATS_CPU_TOTAL
        | libvirt.VIR_DOMAIN_STATS_VCPU
        | libvirt.VIR_DOMAIN_STATS_BALLOON
        | libvirt.VIR_DOMAIN_STATS_BLOCK
        | libvirt.VIR_DOMAIN_STATS_INTERFACE
    )
    with explained(f"reading the statistics of domain {domain.name()}"):
        listed = connection.domainListGetStats([domain], asked, 0)
        taken = time.time()
        places, _affinity = domain.vcpus()
    found = {"taken": taken, **(nested(listed[0][1]) if listed else {})}
    processors = {number: processor for number, _state, _time, processor in places}
    for vcpu in found.get("vcpus", []):
        vcpu["processor"] = processors.get(vcpu["number"])
    return found


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """C(vcpu.0.time) as the C(time) of a member of C(vcpus), which has its number too; C(cpu.time) as C(cpu_time)."""
    found: dict[str, Any] = {}
    numbered: dict[str, dict[int, dict[str, Any]]] = {}
    for path, value in flat.items():
        group, *keys = path.split(".")
        if group in _LISTED and keys[0].isdigit():
            members = numbered.setdefault(_LISTED[group], {})
            number = int(keys[0])
            members.setdefault(number, {"number": number})["_".join(keys[1:])] = value
        else:
            found["_".join([group, *keys])] = value
    return {**found, **{name: [members[number] for number in sorted(members)] for name, members in numbered.items()}}
