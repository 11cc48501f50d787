# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The user of this process, and whether libvirt's system daemon lets it manage guests."""

from __future__ import annotations

import grp
import os
import pwd
from contextlib import suppress
from typing import Any

from .._libvirt.session import is_session

MANAGERS = "libvirt"
"""The group whose members may manage guests, as Debian and Ubuntu name it."""


def describe() -> dict[str, Any]:
    """The user with its home directory and its groups in effect (not those that a new login would add)."""
    groups = sorted({group_name(gid) for gid in (os.getegid(), *os.getgroups())})
    return {
        "name": user_name(os.geteuid()),
        "home": os.environ.get("HOME", "/"),
        "groups": groups,
        "may_manage": os.geteuid() == 0 or MANAGERS in groups,
    }


def problem(user: dict[str, Any], uri: str) -> str:
    """Why the user cannot manage the guests at the URI, and what to do; empty where it can."""
    if user["may_manage"] or is_session(uri):
        return ""
    name = user["name"]
    with suppress(KeyError):
        if name in grp.getgrnam(MANAGERS).gr_mem:
            return f"User {name} is a member of the {MANAGERS} group since a later time than this login: log in again."
    return (
        f"User {name} is not a member of the {MANAGERS} group, and so may not manage guests:"
        f" 'usermod --append --groups {MANAGERS} {name}' and a new login, or become: true."
    )


def user_name(uid: int) -> str:
    """The user's name, or its number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid: int) -> str:
    """The group's name, or its number where it has none."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
