# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import random
import string

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._names import check_name

SAFE = set(string.ascii_letters + string.digits + "._+-")


@pytest.mark.parametrize(
    "name", ["", ".", "..", "-rf", "a/b", "a\n", "x\nb", "a b", "a'b", "a;rm", "$(x)", "é", "x" * 129]
)
def test_names_that_a_shell_or_a_path_would_take_for_something_else(name):
    with pytest.raises(HypervisorError) as refused:
        check_name("Domain", name)
    assert refused.value.code == "INVALID_NAME"


def test_no_accepted_name_has_an_unsafe_character():
    """Whatever comes: what is accepted is safe, and what is safe is accepted."""
    dice = random.Random(20)
    for _throw in range(5000):
        name = "".join(chr(dice.choice([*range(1, 256), 0x2028, 0x1F600])) for _letter in range(dice.randint(1, 4)))
        safe = set(name) <= SAFE and name[0] not in "._+-"
        try:
            accepted = check_name("Pool", name) == name
        except HypervisorError:
            accepted = False
        assert accepted == safe, repr(name)
