# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.plugin_utils._inventory import addresses

BOTH = ("ipv4", "ipv6")


def card(network, *found):
    made = {"network": network, "addresses": []}
    for each in found:
        addresses.add(made, each, 24, addresses.LEASE)
    return made


def chosen(cards, families=BOTH, networks=()):
    taken = addresses.choose(cards, addresses.preference(families, networks))
    return taken and taken["address"]


@pytest.mark.parametrize(
    "text",
    [
        *("127.0.0.1", "::1", "169.254.1.1", "fe80::1", "224.0.0.1", "0.0.0.0", "::", "", "web", "10.0.0.1 -o X=y"),
        *("10.0.0.1\n", "2001:db8::1%eth0", "2001:db8::1%{{ x }}", "{{ x }}", "010.0.0.1", "10.0.0.1/24"),
    ],
)
def test_what_is_no_address_of_use_is_dropped(text):
    assert not addresses.usable(text)
    assert card("default", text)["addresses"] == []


def test_an_address_is_noted_once():
    assert len(card("default", "10.0.0.1", "10.0.0.1", "2001:db8::1")["addresses"]) == 2


def test_the_better_one_is_taken():
    cards = [card("lab", "2001:db8::1", "10.1.0.1"), card("default", "10.2.0.1"), card(None, "10.3.0.1")]
    assert chosen(cards) == "10.1.0.1"
    assert chosen(cards, ["ipv6", "ipv4"]) == "2001:db8::1"
    assert chosen(cards, ["ipv6"]) == "2001:db8::1"
    assert chosen(cards[1:], ["ipv6"]) is None
    assert chosen(cards, networks=["default"]) == "10.2.0.1"
    assert chosen(cards, networks=["10.3.0.0/16", "lab"]) == "10.3.0.1"
    assert chosen(cards, networks=["10.9.0.0/16", "lab"]) == "10.1.0.1"
    assert chosen(cards, networks=["2001:db8::/32", "default"]) == "2001:db8::1"
    assert chosen(cards, networks=["nowhere"]) is None
    assert chosen([]) is None


def test_a_prefix_may_have_host_bits_but_has_to_be_one():
    assert chosen([card("lab", "10.1.0.1")], networks=["10.1.0.9/24"]) == "10.1.0.1"
    for wrong in ("10.1.0.0/33", "lab/24"):
        with pytest.raises(HypervisorError) as refused:
            addresses.preference(BOTH, [wrong])
        assert refused.value.code == "INVALID_ADDRESS"
