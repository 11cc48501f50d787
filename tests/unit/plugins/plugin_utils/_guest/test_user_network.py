# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.plugin_utils._guest.user_network import choose

SLIRP_GUEST = {"interfaces": []}
PASST_GUEST = {
    "interfaces": [{"mac": "52:54:00:00:00:01", "passt": False}, {"mac": "52:54:00:00:00:02", "passt": True}]
}


def host(*usable):
    """A hypervisor where those are usable."""
    return {
        "user_networks": [
            {"name": name, "usable": name in usable, "reason": f"no {name}"} for name in ("passt", "slirp")
        ]
    }


@pytest.fixture
def mine(place):
    """C(mine("passt")) -> a guest of a user, for which that is asked."""
    return lambda asked: place("mine", session=True, uri="qemu:///session", user_network=asked)


def test_a_guest_of_the_system_has_none(place):
    assert choose(place(user_network="passt"), host(), None) == ("", "")


@pytest.mark.parametrize(
    ("asked", "usable", "chosen"),
    [
        ("auto", ["passt", "slirp"], "passt"),
        ("auto", ["slirp"], "slirp"),
        ("auto", ["passt"], "passt"),
        ("passt", ["passt", "slirp"], "passt"),
        ("slirp", ["passt", "slirp"], "slirp"),
    ],
)
def test_a_new_guest_gets_the_best_that_is_usable(mine, asked, usable, chosen):
    assert choose(mine(asked), host(*usable), None) == (chosen, "")


@pytest.mark.parametrize(
    ("asked", "usable", "words"),
    [
        (
            "passt",
            ["slirp"],
            ["qemu:///session of north", "guest_user_network: passt (passt: no passt)", "or set it to auto"],
        ),
        ("slirp", ["passt"], ["(slirp: no slirp)", "or set it to auto"]),
        ("auto", [], ["(passt: no passt; slirp: no slirp)", "Remove the cause."]),
    ],
)
def test_what_is_not_usable_is_refused_with_the_reason(mine, asked, usable, words):
    problem = choose(mine(asked), host(*usable), None)[1]
    assert all(word in problem for word in ("The guest mine", *words)), problem


@pytest.mark.parametrize(("domain", "has"), [(SLIRP_GUEST, "slirp"), (PASST_GUEST, "passt")])
def test_a_guest_that_is_kept_keeps_its_own_whatever_is_usable(mine, domain, has):
    for usable in ([], ["passt", "slirp"]):
        assert choose(mine("auto"), host(*usable), domain) == (has, "")
        assert choose(mine(has), host(*usable), domain) == (has, "")


def test_another_one_for_a_guest_that_is_kept_is_refused(mine):
    has, problem = choose(mine("passt"), host("passt", "slirp"), SLIRP_GUEST)
    assert has == "slirp" and "guest_recreate: always" in problem and "guest_user_network to slirp or auto" in problem
