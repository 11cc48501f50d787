# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Names that are safe everywhere: in libvirt, in a shell, in a path, in a host name's place."""

from __future__ import annotations

import hashlib
import re

from ._errors import HypervisorError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,127}")


def check_name(kind: str, name: str) -> str:
    """Return C(name), or refuse one that libvirt would accept but a shell or a path would not."""
    if not _NAME.fullmatch(name):
        raise HypervisorError(
            f"{kind} name {name!r} is not safe: use 1 to 128 letters, digits, '.', '_', '+' and '-',"
            " and start with a letter or a digit.",
            code="INVALID_NAME",
            name=name,
        )
    return name


def stable_mac(*parts: str) -> str:
    """A MAC address in QEMU's range that is the same for the same parts, so that runs agree on it."""
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return ":".join(("52", "54", "00", digest[0:2], digest[2:4], digest[4:6]))
