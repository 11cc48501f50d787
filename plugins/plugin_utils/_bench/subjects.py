# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The machines of a benchmark, as sentences and tables need them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SLOW_CLOCKS = ("hpet", "acpi_pm")
"""Clock sources that are devices: under emulation every reading leaves the guest's code."""


def guest_of(results: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """What libvirt knows of a guest; empty where it knows nothing."""
    return next((guest for guest in results["guests"] if guest["name"] == name), {})


def metadata_of(results: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """What was written down when the guest was made: image, accelerator, and why."""
    return guest_of(results, name).get("metadata") or {}


def accelerator_of(results: Mapping[str, Any], name: str) -> str:
    """KVM or TCG, empty where it is not known."""
    kind = guest_of(results, name).get("type")
    return {"kvm": "KVM", "qemu": "TCG"}.get(str(kind), str(metadata_of(results, name).get("accelerator", "")).upper())


def accelerator_reason(results: Mapping[str, Any], name: str) -> str:
    """Why the guest has the accelerator that it has: as written down with it, else as the hypervisor finds now."""
    found = metadata_of(results, name).get("accelerator_reason")
    if found:
        return str(found)
    host = results["host"]
    same = str(host.get("accelerator")).upper() == accelerator_of(results, name)
    return str(host.get("accelerator_reason") or "") if same else ""


def is_fallback(results: Mapping[str, Any], name: str) -> bool:
    """Whether the guest runs another image than the one asked for."""
    return str(metadata_of(results, name).get("image_fallback") or "none").lower() not in ("none", "false", "no", "0")


def virtualization_of(results: Mapping[str, Any]) -> str:
    """What the hypervisor itself runs under; empty on bare metal, and where it is not known."""
    found = results["host"].get("virtualization") or {}
    under = [found.get("under"), found.get("container")]
    return ", ".join(str(name) for name in under if name not in (None, "", "none"))


def guests(results: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The targets that are guests."""
    return [target for target in results["targets"] if target["kind"] == "guest"]


def nested_of(results: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is known of the guest inside a guest; empty where none ran."""
    return next((entry["nested"] for entry in results["substrates"] if "nested" in entry), {})


def environment(target: Mapping[str, Any]) -> Mapping[str, Any]:
    """The target's environment, as its last round found it: by then the clock source has settled."""
    found: Mapping[str, Any] = target["environment"]["last"]
    return found
