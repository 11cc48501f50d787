# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Whether a file was signed by a pinned key: gpgv decides, its status lines are the only evidence."""

from __future__ import annotations

import base64
import re
import tempfile
from pathlib import Path
from typing import Callable, Sequence

from .._errors import HypervisorError
from .command import Run

_FINGERPRINT = re.compile(r"[0-9A-F]{40}")


def check_fingerprint(text: str) -> str:
    """A full key fingerprint in its normal form; a short key ID can be forged, so it is refused."""
    normal = text.replace(" ", "").upper()
    if normal.startswith("0X"):
        normal = normal[2:]
    if not _FINGERPRINT.fullmatch(normal):
        raise HypervisorError(
            f"{text!r} is not a key fingerprint: give all 40 hexadecimal digits, a shorter key ID proves nothing.",
            code="INVALID_FINGERPRINT",
        )
    return normal


def good_signers(status: str) -> set[str]:
    """Fingerprints of the primary keys that made good signatures, from C(gpgv --status-fd).

    A VALIDSIG counts only behind the GOODSIG of the same signature: gpgv also writes it for
    signatures by expired (EXPKEYSIG) and revoked (REVKEYSIG) keys, and expired ones (EXPSIG).
    """
    signers, good = set(), False
    for line in status.splitlines():
        words = line.split()
        if words[:1] != ["[GNUPG:]"]:
            continue
        if words[1].endswith("SIG") and words[1] != "VALIDSIG":
            good = words[1] == "GOODSIG"
        elif words[1] == "VALIDSIG" and good:
            signers.add(words[-1])
    return signers


def dearmor(text: bytes) -> bytes:
    """The binary form, which gpgv wants, of a key or signature in either form."""
    lines = [line.strip() for line in text.strip().splitlines()]
    if not lines or not lines[0].startswith(b"-----BEGIN PGP"):
        return text
    try:
        body = lines[lines.index(b"") + 1 :]  # behind the armour's own headers
        end = next(number for number, line in enumerate(body) if line.startswith((b"=", b"-")))
        return base64.b64decode(b"".join(body[:end]), validate=True)
    except (ValueError, StopIteration) as error:
        raise HypervisorError(
            f"This is not a readable OpenPGP key or signature ({error}): check signature_url, key_url and keyring.",
            code="SIGNATURE_INVALID",
        ) from error


def verify(
    run: Run,
    signed: bytes,
    signature: bytes,
    fingerprints: Sequence[str],
    keyrings: Sequence[str],
    fetch_key: Callable[[str], bytes],
    origin: str,
) -> str:
    """The pinned fingerprint whose key signed C(signed), or an error.

    Installed keyrings come first; a pinned key that none of them holds is fetched by C(fetch_key).
    It does not matter who delivers a key: only its fingerprint, computed by gpgv, is believed.
    """
    installed = [Path(path).read_bytes() for path in keyrings if Path(path).is_file()]
    pinned = set(fingerprints)
    with tempfile.TemporaryDirectory() as directory:
        verifier = _Verifier(run, Path(directory), signed, signature, origin)
        accepted = verifier.signers(installed) & pinned
        failures = []
        for fingerprint in () if accepted else fingerprints:
            try:
                key = fetch_key(fingerprint)
            except HypervisorError as error:
                failures.append(error)
                continue
            accepted = verifier.signers([key]) & pinned
            if accepted:
                break
    if accepted:
        return sorted(accepted)[0]
    if failures:
        raise failures[0]
    raise _invalid(origin, f"it is signed by none of the pinned keys ({', '.join(fingerprints)})")


class _Verifier:
    """gpgv on one signed file and one detached signature, with any keys."""

    def __init__(self, run: Run, directory: Path, signed: bytes, signature: bytes, origin: str) -> None:
        self._run, self._directory, self._origin = run, directory, origin
        (directory / "signed").write_bytes(signed)
        (directory / "signature").write_bytes(dearmor(signature))

    def signers(self, keys: Sequence[bytes]) -> set[str]:
        """The primary fingerprints behind the good signatures, as far as C(keys) can tell."""
        if not keys:
            return set()
        argv = ["gpgv", "--homedir", str(self._directory), "--status-fd", "1"]
        for number, key in enumerate(keys):
            keyring = self._directory / f"key{number}.gpg"
            keyring.write_bytes(dearmor(key))
            argv += ["--keyring", str(keyring)]
        argv += ["--", str(self._directory / "signature"), str(self._directory / "signed")]
        _rc, status, _stderr = self._run(argv)
        if "[GNUPG:] BADSIG" in status:
            raise _invalid(self._origin, "the signature is not of this content")
        return good_signers(status)


def _invalid(origin: str, why: str) -> HypervisorError:
    return HypervisorError(
        f"The signature of {origin} is not valid: {why}. Nothing was taken from there; somebody may have changed it.",
        code="SIGNATURE_INVALID",
        reason=why,
    )
