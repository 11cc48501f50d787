# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.mini.hypervisor.plugins.filter.sizes import to_bytes


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2900MiB", 2900 * 1024**2),
        ("10G", 10 * 1024**3),
        ("5 GB", 5 * 1000**3),
        ("1.5K", 1536),
        (7, 7),
        ("9007199254740993", 9007199254740993),
    ],
)
def test_sizes(text, size):
    assert to_bytes(text) == size


@pytest.mark.parametrize("text", ["", "MiB", "-1G", "1XiB", "1 banana", "1,5G", "1.G"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(AnsibleFilterError, match="is not a size"):
        to_bytes(text)
