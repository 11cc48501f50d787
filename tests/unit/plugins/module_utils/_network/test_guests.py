# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._network import guests

DOMAIN = """<domain type='test'><name>%s</name><memory>1024</memory><os><type>hvm</type></os><devices>
<interface type='network'><source network='lab'/><target dev='%s0'/></interface>
<interface type='network'><source network='lab'/><target dev='%s1'/><port isolated='yes'/></interface>
<interface type='network'><source network='other'/><target dev='%s2'/></interface></devices></domain>"""
NETWORK = "<network><name>%s</name><bridge name='%s'/></network>"


def test_cards_are_found_and_plugged_in(test_driver):
    for name, bridge in (("lab", "virbr8"), ("other", "virbr9")):
        test_driver.networkCreateXML(NETWORK % (name, bridge))
    for name in ("web", "db"):
        test_driver.createXML(DOMAIN % (name, name, name, name))
    found = guests.cards(test_driver, "lab")
    assert {(card.domain, card.device, card.isolated) for card in found} == {
        ("web", "web0", False),
        ("web", "web1", True),
        ("db", "db0", False),
        ("db", "db1", True),
    }
    assert sorted(guests.names(found)) == ["db", "web"]

    commands = []
    guests.plug_in(lambda command: commands.append(command) or (0, "", ""), "lab", "virbr8", found, isolated=False)
    assert ["ip", "link", "set", "dev", "web0", "master", "virbr8"] in commands
    assert [command[4] for command in commands if command[0] == "bridge"] == [
        card.device for card in found if card.isolated
    ]


def test_a_card_that_cannot_be_plugged_in_is_named():
    card = guests.Card("web", "vnet0", False)
    with pytest.raises(HypervisorError) as failure:
        guests.plug_in(lambda _command: (1, "", "no such device"), "lab", "virbr8", [card], isolated=False)
    assert failure.value.code == "NOT_ATTACHED" and failure.value.details == {"domain": "web", "device": "vnet0"}
