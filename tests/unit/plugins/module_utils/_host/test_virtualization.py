# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._host.virtualization import container, gather, under

SILENT = {
    "cpuid_hypervisor_flag": False,
    "dmi": None,
    "sys_hypervisor": None,
    "systemd_detect_virt_vm": None,
    "systemd_detect_virt_container": None,
    "container_marks": [],
}


@pytest.mark.parametrize(
    ("evidence", "verdict"),
    [
        ({}, "none"),
        ({"cpuid_hypervisor_flag": True}, "unknown"),
        ({"cpuid_hypervisor_flag": True, "systemd_detect_virt_vm": "kvm"}, "kvm"),
        ({"systemd_detect_virt_vm": "none", "dmi": "LENOVO 20XW"}, "none"),
        ({"dmi": "innotek GmbH VirtualBox"}, "oracle"),
        ({"dmi": "QEMU Standard PC (Q35 + ICH9, 2009)"}, "qemu"),
        ({"dmi": "Microsoft Corporation Virtual Machine"}, "microsoft"),
        ({"dmi": "Microsoft Corporation Surface Laptop"}, "none"),
        ({"sys_hypervisor": "xen"}, "xen"),
    ],
)
def test_what_the_host_runs_under(evidence, verdict):
    assert under({**SILENT, **evidence}) == verdict


def test_containers():
    assert container(SILENT) is None
    assert container({**SILENT, "container_marks": ["/run/.containerenv"]}) == "podman"
    assert container({**SILENT, "systemd_detect_virt_container": "lxc"}) == "lxc"


def test_what_is_gathered_is_what_is_judged():
    assert gather().keys() == SILENT.keys()
