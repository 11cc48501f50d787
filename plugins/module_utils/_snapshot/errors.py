# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What libvirt's errors about snapshots mean, and what to do about them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Iterator

from .._deps import libvirt
from .._errors import HypervisorError
from .._libvirt.errors import explain

# Numbers from libvirt's virterror.h.
CONFIG_UNSUPPORTED, OPERATION_TIMEOUT, NO_DOMAIN_SNAPSHOT, ARGUMENT_UNSUPPORTED, REVERT_RISKY = 67, 68, 72, 74, 77
OPERATION_UNSUPPORTED, AGENT_UNRESPONSIVE = 84, 86

_BY_TEXT = (
    (
        "already exists and is not a block device",
        "FILE_EXISTS",
        "Remove that file, or give another one (disks[].file), or take it as it is (reuse_external: true).",
    ),
    (
        "another active block job",
        "BLOCK_JOB",
        "Wait until it has ended. If a daemon that died left it, force: true ends it.",
    ),
    ("No such file or directory", "NO_SUCH_FILE", "Give a file in a directory that exists (disks[].file)."),
    ("unsupported flags", "UNSUPPORTED", "This driver of libvirt does not know it."),
    ("writing VM state", "MEMORY_NOT_WRITTEN", "Usually the storage of the disk with the memory is full: look there."),
)
_BY_NUMBER = {
    NO_DOMAIN_SNAPSHOT: ("NOT_FOUND", ""),
    REVERT_RISKY: ("REVERT_RISKY", "Allow it with force: true."),
    ARGUMENT_UNSUPPORTED: ("NO_GUEST_AGENT", "Run QEMU's guest agent in the guest, or leave quiesce out."),
    AGENT_UNRESPONSIVE: ("NO_GUEST_AGENT", "Run QEMU's guest agent in the guest, or leave quiesce out."),
    OPERATION_TIMEOUT: ("DOMAIN_BUSY", "Something else is being done to the domain: run again when it is done."),
    CONFIG_UNSUPPORTED: ("UNSUPPORTED", "This version of libvirt, or this kind of disk, does not allow it."),
    OPERATION_UNSUPPORTED: ("UNSUPPORTED", "This version of libvirt, or this kind of disk, does not allow it."),
}


def explain_snapshot(error: Any, doing: str) -> HypervisorError:
    """The sentence for a libvirt error that happened to a snapshot."""
    plain = explain(error, doing)
    if plain.code != "LIBVIRT_ERROR":
        return plain
    text = error.get_error_message() or ""
    for part, code, hint in _BY_TEXT:
        if part in text:
            return HypervisorError(f"{plain} {hint}", code, **plain.details)
    code, hint = _BY_NUMBER.get(error.get_error_code(), (plain.code, ""))
    return HypervisorError(f"{plain} {hint}".rstrip(), code, **plain.details)


@contextmanager
def snapshot_explained(doing: str) -> Iterator[None]:
    """Turn any libvirt error inside the block into a HypervisorError that says what was being done."""
    try:
        yield
    except libvirt.libvirtError as error:
        raise explain_snapshot(error, doing) from error
