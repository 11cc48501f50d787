# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._image.signature import (
    check_fingerprint,
    dearmor,
    good_signers,
)

PRIMARY, SUBKEY = "A" * 40, "B" * 40
VALID = f"[GNUPG:] VALIDSIG {SUBKEY} 2026-01-01 1767225600 0 4 0 1 10 00 {PRIMARY}"


def test_the_primary_key_of_a_good_signature_counts():
    assert good_signers(f"[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG {SUBKEY[-16:]} A name\n{VALID}\n") == {PRIMARY}


@pytest.mark.parametrize("word", ["BADSIG", "ERRSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG", "NEWSIG"])
def test_no_other_signature_counts(word):
    assert good_signers(f"[GNUPG:] {word} {SUBKEY[-16:]} A name\n{VALID}\n") == set()


def test_a_user_id_cannot_pass_for_a_status_line():
    assert good_signers(f"GOODSIG\n{VALID}\n") == set()
    assert good_signers(f"[GNUPG:] ERRSIG {SUBKEY[-16:]} [GNUPG:] GOODSIG\n{VALID}\n") == set()


def test_fingerprints_are_full():
    assert check_fingerprint("0x" + "ab cd " * 10) == "ABCD" * 10
    for text in ("7DB87C81", "1A5D6C4C7DB87C81", "A" * 41, "G" * 40, ""):
        with pytest.raises(HypervisorError) as caught:
            check_fingerprint(text)
        assert caught.value.code == "INVALID_FINGERPRINT"


def test_armour_comes_off():
    body = base64.encodebytes(b"key" * 50).decode()
    begin, end = "-----BEGIN PGP PUBLIC KEY BLOCK-----", "-----END PGP PUBLIC KEY BLOCK-----"
    for text in (f"{begin}\n\n{body}=AbCd\n{end}\n", f"\n{begin}\r\nComment: x\r\n\r\n{body}{end}"):
        assert dearmor(text.encode()) == b"key" * 50
    assert dearmor(b"\x99binary") == b"\x99binary"
    for text in (begin, f"{begin}\n\n!!!\n{end}", f"{begin}\n\nAAAA"):
        with pytest.raises(HypervisorError):
            dearmor(text.encode())
