# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""libvirt's errors by code, as sentences that say what to do."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Iterator

from .._deps import libvirt
from .._errors import HypervisorError

# Numbers from libvirt's virterror.h, named here because older bindings lack some of them.
NO_SUPPORT, INVALID_ARG, OPERATION_FAILED, XML_ERROR, OPERATION_DENIED, XML_DETAIL = 3, 8, 9, 27, 29, 35
SYSTEM_ERROR, RPC = 38, 39
NO_DOMAIN, NO_NETWORK, AUTH_FAILED, NO_STORAGE_POOL, NO_STORAGE_VOL = 42, 43, 45, 49, 50
OPERATION_INVALID, AUTH_CANCELLED, ACCESS_DENIED, STORAGE_VOL_EXIST = 55, 79, 88, 90
XML_INVALID_SCHEMA, AUTH_UNAVAILABLE = 92, 94
FROM_RPC, FROM_REMOTE, FROM_STORAGE = 7, 13, 18

NOT_FOUND = frozenset({NO_DOMAIN, NO_NETWORK, NO_STORAGE_POOL, NO_STORAGE_VOL})
ALREADY_THERE = frozenset({OPERATION_FAILED, OPERATION_INVALID, STORAGE_VOL_EXIST})
"""Codes by which libvirt tells the loser of a race: read again and compare before failing."""

DISCONNECTED = "DISCONNECTED"
"""The code of an error that broke the connection."""

_NOT_ALLOWED = frozenset({AUTH_FAILED, AUTH_CANCELLED, ACCESS_DENIED, AUTH_UNAVAILABLE, OPERATION_DENIED})


def is_disconnected(error: Any) -> bool:
    """True where the connection broke. Code 1 alone also means "already in use", so the domain counts."""
    return error.get_error_code() in (1, SYSTEM_ERROR) and error.get_error_domain() in (FROM_RPC, FROM_REMOTE)


def explain(error: Any, doing: str) -> HypervisorError:
    """The sentence for a libvirt error that happened while C(doing) ("defining domain web")."""
    number, text = error.get_error_code(), (error.get_error_message() or str(error)).strip()
    if is_disconnected(error):
        code, hint = DISCONNECTED, "The libvirt daemon stopped, restarted or hangs: check it and run again."
    elif number == XML_INVALID_SCHEMA:
        code, hint = "INVALID_XML", "The document has an element or attribute that libvirt does not know."
    elif number in (XML_ERROR, XML_DETAIL):
        code, hint = "INVALID_XML", "Correct the named part of the document."
    elif number in _NOT_ALLOWED:
        code, hint = "NOT_ALLOWED", "Run as root (become: true) or as a member of the libvirt group."
    elif "No space left" in text:
        code, hint = "NO_SPACE", "Free space in the pool's file system, or ask for less."
    elif number in NOT_FOUND:
        code, hint = "NOT_FOUND", ""
    else:
        code, hint = "LIBVIRT_ERROR", ""
    message = f"Error while {doing}: {text.rstrip('.')}. {hint}".rstrip()
    return HypervisorError(message, code, libvirt_code=number, libvirt_domain=error.get_error_domain())


@contextmanager
def explained(doing: str) -> Iterator[None]:
    """Turn any libvirt error inside the block into a HypervisorError that says what was being done."""
    try:
        yield
    except libvirt.libvirtError as error:
        raise explain(error, doing) from error
