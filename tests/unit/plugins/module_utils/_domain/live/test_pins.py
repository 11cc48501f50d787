# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._domain.live.pins import pinned_anew, without_idle
from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._xml import document
from ansible_collections.mini.hypervisor.plugins.module_utils._xml.cpuset import format_cpuset, parse_cpuset


def pinned(*cpusets):
    pins = "".join(f"<vcpupin vcpu='{number}' cpuset='{cpus}'/>" for number, cpus in enumerate(cpusets))
    return document.parse(f"<domain><cputune>{pins}</cputune></domain>")


def test_a_pin_to_every_processor_is_none():
    assert pinned_anew(pinned("0-3", "1"), pinned("1")) and not pinned_anew(pinned("1"), pinned("1"))
    assert [pin.get("cpuset") for pin in without_idle(pinned("0-3", "1"), 4).iter("vcpupin")] == ["1"]


@pytest.mark.parametrize(
    ("text", "numbers", "shortest"),
    [("0", {0}, "0"), ("0-3,^2,8", {0, 1, 3, 8}, "0-1,3,8"), ("1,0", {0, 1}, "0-1"), (" 4 - 5", {4, 5}, "4-5")],
)
def test_sets_of_processors(text, numbers, shortest):
    assert parse_cpuset(text) == numbers
    assert format_cpuset(parse_cpuset(text)) == shortest


@pytest.mark.parametrize("text", ["", "a", "1-", "0-1,,2", "0;1"])
def test_what_is_no_set_of_processors(text):
    with pytest.raises(HypervisorError) as refused:
        parse_cpuset(text)
    assert refused.value.code == "INVALID_OPTION"
