# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.plugin_utils._inventory.names import host_names


def guest(name, hypervisor="big", uuid=None, hostname=""):
    found = {"address": "10.0.0.1", "hostname": hostname}
    return {
        "name": name,
        "hypervisor": hypervisor,
        "uuid": uuid or f"uuid-{name}",
        "address": "10.0.0.1",
        "interfaces": [{"addresses": [{"address": "10.0.0.9", "hostname": "other"}]}, {"addresses": [found]}],
    }


@pytest.fixture
def named():
    """C(named(guests, kinds)) -> their names, and how many warnings there were."""

    def name(guests, kinds=("name",), strict=False):
        warnings = []
        return host_names(guests, kinds, strict, warnings.append), len(warnings)

    return name


def test_the_first_name_that_there_is(named):
    guests = [guest("web", hostname="www.example.com"), guest("db")]
    assert named(guests) == (["web", "db"], 0)
    assert named(guests, ["uuid"]) == (["uuid-web", "uuid-db"], 0)
    assert named(guests, ["hostname", "name"]) == (["www.example.com", "db"], 0)
    assert named(guests, ["hostname"]) == (["www.example.com", "uuid-db"], 1)


@pytest.mark.parametrize(
    "name", ["localhost", "LocalHost", "127.0.0.1", "all", "ungrouped", "a b", "{{ x }}", "-x", "ä"]
)
def test_names_that_mean_something_else_are_not_taken(named, name):
    assert named([guest(name, uuid="u")]) == (["u"], 1)
    assert named([guest("web", hostname=name)], ["hostname", "name"]) == (["web"], 0)


def test_a_shared_name_is_nobodys_alone(named):
    guests = [guest("web", "big"), guest("db", "big"), guest("web", "small")]
    assert named(guests) == (["web.big", "db", "web.small"], 0)
    assert named(guests[::-1]) == (["web.small", "db", "web.big"], 0)
    with pytest.raises(HypervisorError) as refused:
        named(guests, strict=True)
    assert refused.value.code == "DUPLICATE_HOST"
    assert "web on big" in str(refused.value) and "web on small" in str(refused.value)


def test_guests_of_one_hypervisor_that_call_themselves_the_same(named):
    guests = [guest("a", hostname="ubuntu"), guest("b", hostname="ubuntu"), guest("c", "small", hostname="ubuntu")]
    assert named(guests, ["hostname"]) == (["uuid-a.big", "uuid-b.big", "ubuntu.small"], 2)


def test_one_guest_on_two_hypervisors(named):
    guests = [guest("a b", "big", "u"), guest("a b", "small", "u")]
    assert named(guests) == (["u.big", "u.small"], 2)
