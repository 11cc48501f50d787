# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role guest refuses what the first boot of a lean image would leave undone."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible_collections.mini.hypervisor.plugins.module_utils._guest.cloud_config import _CLOUD_CONFIG
from ansible_collections.mini.hypervisor.plugins.module_utils._image import lean

ROOT = Path(__file__).parents[3]
IGNORES = yaml.safe_load((ROOT / "roles/guest/vars/main.yml").read_text())["__guest_lean_ignores"]
# They do nothing that anybody could ask for by a key.
UNASKED = {"reset_rmc", "rightscale_userdata", "ssh-authkey-fingerprints"}


@pytest.fixture
def check(play_role):
    """C(check(guest_locale=...)) -> what the role's check makes of a guest of a lean image."""
    lean_guest = {"guest_hypervisor": "localhost", "guest_image_profile": "lean"}
    return lambda **options: play_role("guest", "check", **{**lean_guest, **options})


def test_each_module_that_is_left_out_has_its_keys():
    assert set(IGNORES.values()) | UNASKED == set(lean.DROPPED_MODULES)
    assert set(IGNORES) <= {key for keys in _CLOUD_CONFIG.values() for key in keys.split()}
    kept = yaml.safe_load(lean._FILES["etc/cloud/cloud.cfg.d/96_lean.cfg"])
    for stage in ("cloud_init_modules", "cloud_config_modules", "cloud_final_modules"):
        assert kept[stage] and not set(kept[stage]) & set(lean.DROPPED_MODULES)


def test_what_would_be_left_undone_is_refused(check):
    undone = {"guest_user_data": {"snap": {}, "ntp": {}}, "guest_vendor_data": {"keyboard": {"layout": "de"}}}
    code, text = check(guest_locale="de_DE.UTF-8", **undone)
    assert code == 2
    assert "asks for guest_locale, guest_user_data.snap, guest_vendor_data.keyboard, which" in text
    assert "guest_image_profile: stock" in text
    assert check(guest_image_profile="stock", **undone)[0] == 0


def test_what_it_does_is_not_refused(check):
    code, text = check(guest_user_data={"ntp": {"enabled": True}, "swap": {"size": "1G"}}, guest_timezone="Asia/Tokyo")
    assert code == 0, text
