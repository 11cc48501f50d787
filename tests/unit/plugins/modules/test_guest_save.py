# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What needs no QEMU. The rest is in the integration target guest_saved."""

from __future__ import annotations

import pytest

GUEST = {
    "name": "web",
    "saved": "saved-1",
    "hostname": "web",
    "instance_id": "iid-1",
    "user": "lab",
    "authorized_keys": [],
}


@pytest.mark.parametrize(("module", "options"), [("guest_save", {}), ("guest_restore", GUEST)])
@pytest.mark.parametrize("check", [True, False])
def test_a_hypervisor_without_files_of_this_machine_is_refused(virt, tmp_path, module, options, check):
    result = virt(module, directory=str(tmp_path / "saved"), check=check, **options)
    assert result["failed"] and result["code"] == "NOT_LOCAL"
    assert list(tmp_path.iterdir()) == []
