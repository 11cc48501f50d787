# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What the host itself runs under: nothing, a hypervisor, a container. Nested, all numbers mean something else."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which
from typing import Any, Mapping

from .files import read
from .machine import cpu_field

_DMI = Path("/sys/class/dmi/id")
_CONTAINER_MARKS = {"/.dockerenv": "docker", "/run/.containerenv": "podman"}

# How the products of DMI name themselves -> systemd's word for the hypervisor.
_PRODUCTS = {
    "kvm": "kvm",
    "qemu": "qemu",
    "virtualbox": "oracle",
    "vmware": "vmware",
    "microsoft corporation virtual machine": "microsoft",
    "xen": "xen",
    "amazon ec2": "amazon",
    "google compute engine": "google",
    "openstack": "kvm",
    "parallels": "parallels",
    "bhyve": "bhyve",
}


def virtualization() -> dict[str, Any]:
    """The verdict with all that it rests on."""
    evidence = gather()
    return {"under": under(evidence), "container": container(evidence), "evidence": evidence}


def gather() -> dict[str, Any]:
    """What each source says; None where it says nothing."""
    return {
        "cpuid_hypervisor_flag": "hypervisor" in (cpu_field("flags") or "").split(),
        "dmi": " ".join(read(_DMI / name).strip() for name in ("sys_vendor", "product_name")).strip() or None,
        "sys_hypervisor": read("/sys/hypervisor/type").strip() or None,
        "systemd_detect_virt_vm": _detect("--vm"),
        "systemd_detect_virt_container": _detect("--container"),
        "container_marks": [mark for mark in _CONTAINER_MARKS if Path(mark).exists()],
    }


def under(evidence: Mapping[str, Any]) -> str:
    """The hypervisor below the host in systemd's words; V(none) on bare metal, V(unknown) where only the CPU tells."""
    detected = evidence["systemd_detect_virt_vm"]
    if detected and detected != "none":
        return str(detected)
    product = (evidence["dmi"] or "").lower()
    for part, name in _PRODUCTS.items():
        if part in product:
            return name
    return evidence["sys_hypervisor"] or ("unknown" if evidence["cpuid_hypervisor_flag"] else "none")


def container(evidence: Mapping[str, Any]) -> str | None:
    """The container in which this process runs, None outside of one."""
    detected = evidence["systemd_detect_virt_container"]
    if detected and detected != "none":
        return str(detected)
    marks = evidence["container_marks"]
    return _CONTAINER_MARKS[marks[0]] if marks else None


def _detect(kind: str) -> str | None:
    if which("systemd-detect-virt") is None:
        return None
    # Its status only repeats whether the answer is "none".
    found = subprocess.run(
        ["systemd-detect-virt", kind], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8", check=False
    )
    return found.stdout.strip() or None
