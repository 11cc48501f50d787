# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

from ansible_collections.mini.hypervisor.plugins.module_utils._host import kvm


def test_each_obstacle_is_told_apart(tmp_path):
    assert "does not exist: load the kvm_intel or kvm_amd" in kvm.device_problem(tmp_path / "kvm")
    assert "cannot be opened: Is a directory" in kvm.device_problem(tmp_path)
    assert "does not answer KVM_GET_API_VERSION" in kvm.device_problem(Path("/dev/null"))
