# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of virt_domain as a whole run of the module sees them."""

from __future__ import annotations

import json

import pytest

GUEST = {"name": "web", "state": "present", "type": "test", "memory": "512MiB"}


def test_a_password_is_set_once_and_shown_never(virt, test_driver):
    screen = {**GUEST, "graphics": "vnc", "graphics_listen": "0.0.0.0"}
    assert virt("virt_domain", **screen)["code"] == "INVALID_OPTION"
    virt("virt_domain", **GUEST)
    assert virt("virt_domain", check=True, **screen)["code"] == "INVALID_OPTION"
    results = [virt("virt_domain", **screen, graphics_password="canary") for _run in range(2)]
    assert [result["changed"] for result in results] == [True, False]
    assert "passwd='canary'" in test_driver.lookupByName("web").XMLDesc(3)

    # Check mode cannot read it.
    predicted = virt("virt_domain", check=True, **screen, graphics_password="sparrow")
    changed = virt("virt_domain", **screen, graphics_password="sparrow")
    assert not predicted["changed"]
    assert not virt("virt_domain", check=True, **screen)["changed"]
    assert [change["path"] for change in changed["changes"]] == ["graphics_password"]
    kept = virt("virt_domain", name="web", state="present", title="The web")
    assert "passwd='sparrow'" in test_driver.lookupByName("web").XMLDesc(3)
    read = virt("virt_domain_info", name="web")
    for result in (*results, predicted, changed, kept, read):
        result.pop("invocation", None)
        assert "canary" not in json.dumps(result) and "sparrow" not in json.dumps(result)


@pytest.mark.parametrize(
    "options",
    [
        {"disks": [{"source": "/a"}]},
        {"disks": [{"target": "vda", "bus": "floppy"}]},
        {"disks": [{"target": "vda", "colour": "red"}]},
        {"cpu": {"mode": "fast"}},
        {"network_source": {}},
        {"hostdevs": [{"type": "pci"}]},
    ],
)
def test_what_no_option_knows_is_refused(virt, test_driver, options):
    assert virt("virt_domain", **GUEST, **options)["failed"]
    assert [each.name() for each in test_driver.listAllDomains()] == ["test"]
