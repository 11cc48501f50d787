# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._xml.cpuset import format_cpuset, parse_cpuset


@pytest.mark.parametrize(
    ("text", "normal"),
    [("0", "0"), ("1,0", "0-1"), ("0-3,^2,8", "0-1,3,8"), ("0-7,^1-6", "0,7"), (" 4 , 5 ", "4-5"), ("3,1,2,3", "1-3")],
)
def test_one_set_is_written_in_one_way(text, normal):
    assert format_cpuset(parse_cpuset(text)) == normal


@pytest.mark.parametrize("text", ["", "a", "1-", "-1", "3-1", "0-16384", "1;2", "0,,1", "99999999999999"])
def test_what_is_no_set_is_refused(text):
    with pytest.raises(HypervisorError, match="is not a set of numbers"):
        parse_cpuset(text)
