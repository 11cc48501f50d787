# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.mini.hypervisor.plugins.module_utils._host import user

ADA = {"name": "ada-of-nowhere", "groups": ["users"], "may_manage": False}


def test_the_system_s_guests_are_managed_by_a_group():
    assert "usermod --append --groups libvirt ada-of-nowhere" in user.problem(ADA, "qemu:///system")
    assert user.problem({**ADA, "may_manage": True}, "qemu:///system") == ""


def test_everybody_may_manage_their_own_guests():
    assert user.problem(ADA, "qemu:///session") == ""
