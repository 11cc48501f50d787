# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._image.sums import find_checksum, parse_checksum

A, B, LONG = "a" * 64, "b" * 64, "c" * 128


@pytest.mark.parametrize(
    ("listing", "found"),
    [
        (f"{A}  disk.img\n{B}  other.img\n", f"sha256:{A}"),
        (f"{B} *other.img\n{A.upper()} *disk.img\n", f"sha256:{A}"),
        (f"{A}  ./release/disk.img\r\n", f"sha256:{A}"),
        (f"SHA256 (disk.img) = {A}\nSHA256 (other.img) = {B}\n", f"sha256:{A}"),
        (f"SHA512(disk.img)= {LONG}\n", f"sha512:{LONG}"),
        (f"# comment\n{'1' * 32}  disk.img\n{LONG}  disk.img\n", f"sha512:{LONG}"),
        (f"{A}  disk.img\n{A}  disk.img\n", f"sha256:{A}"),
    ],
)
def test_the_checksum_of_a_file_is_found(listing, found):
    assert str(find_checksum(listing, "disk.img", "SUMS")) == found


@pytest.mark.parametrize(
    "listing",
    [
        "",
        f"{A}  other-disk.img\n",
        f"{'1' * 40}  disk.img\n",
        f"SHA512 (disk.img) = {A}\n",
        f"{A}  disk.img\n{B}  disk.img\n",
        "<html>404</html>",
    ],
)
def test_a_missing_or_ambiguous_checksum_is_an_error(listing):
    with pytest.raises(HypervisorError, match=r"SUMS has .* disk\.img") as caught:
        find_checksum(listing, "disk.img", "SUMS")
    assert caught.value.code == "CHECKSUM_MISSING"


def test_the_checksum_option():
    assert str(parse_checksum(f" SHA256:{A.upper()} ")) == f"sha256:{A}"
    for text in (A, f"sha256:{A[:-1]}", f"md5:{'a' * 32}", f"sha512:{A}", f"sha256:{'g' * 64}", ""):
        with pytest.raises(HypervisorError) as caught:
            parse_checksum(text)
        assert caught.value.code == "INVALID_CHECKSUM"
