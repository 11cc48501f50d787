# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.mini.hypervisor.plugins.plugin_utils._inventory.untrusted import own, untrusted

HOSTILE = "{{ 6 * 7 }}"


def test_no_text_of_others_is_a_template():
    facts = untrusted({"title": HOSTILE, "metadata": {HOSTILE: HOSTILE}, "list": [{"x": HOSTILE}], "memory": 7})
    assert facts["memory"] == 7
    templar = Templar(loader=DataLoader(), variables={})
    assert templar.template(facts) == facts
    assert templar.template(facts["metadata"][HOSTILE]) == HOSTILE


def test_what_is_ours_may_be_one():
    assert Templar(loader=DataLoader(), variables={}).template(own(HOSTILE)) == 42
