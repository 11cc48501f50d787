# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._guest.cloud_config import (
    check_cloud_config,
    check_network_config,
)


def refuse(error):
    raise error


@pytest.mark.parametrize(
    "value",
    [
        {"users": ["default", {"name": "a", "ssh-authorized-keys": []}], "ntp": None, "launch-index": 1},
        {"users": "a, b", "user": {"name": "a"}, "ssh_pwauth": "unchanged", "apt_pipelining": 5},
        {"write_files": [{"path": "/x", "defer": True}], "growpart": {"mode": "off"}},
    ],
)
def test_what_cloud_init_takes(value):
    check_cloud_config("user_data", value, refuse)


@pytest.mark.parametrize(
    "value, code, says",
    [
        ({"runcmds": []}, "UNKNOWN_KEY", "runcmd is"),
        ({"launch-index": True}, "INVALID_OPTION", "of type boolean, and cloud-init takes integer"),
        ({"packages": "vim"}, "INVALID_OPTION", "user_data.packages is of type string"),
        ({"growpart": None}, "INVALID_OPTION", "takes object"),
        ({"write_files": [{"path": "/x", "mode": 1}]}, "UNKNOWN_KEY", "user_data.write_files[0].mode"),
    ],
)
def test_what_it_does_not_take(value, code, says):
    with pytest.raises(HypervisorError) as refused:
        check_cloud_config("user_data", value, refuse)
    assert refused.value.code == code and says in str(refused.value)


def test_a_network_configuration_has_a_version():
    check_network_config("n", {"network": {"version": 2, "ethernets": {}}}, refuse)
    check_network_config("n", {"version": 1, "config": []}, refuse)
    for value in ({"ethernets": {}}, {"network": []}, {"version": True}):
        with pytest.raises(HypervisorError) as refused:
            check_network_config("n", value, refuse)
        assert refused.value.code == "INVALID_OPTION"
