# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The hypervisors that an inventory lists: their URIs, their names, and the way through them to their guests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ...module_utils._errors import HypervisorError
from ...module_utils._names import check_name

LOCAL = "local"
_SSH = frozenset({"ssh", "libssh", "libssh2"})
"""libvirt's transports whose user and host are those of an SSH login."""
_MEMBERS = frozenset({"uri", "name", "proxy_jump"})
# Nothing in it is special to a shell, to Ansible's splitting of arguments, or to ssh, and no part starts with a dash.
_WORD = r"[A-Za-z0-9_][A-Za-z0-9._-]*"
_HOP = re.compile(rf"(?:{_WORD}@)?(?:{_WORD}|\[[0-9A-Fa-f:.]+\])(?::[0-9]{{1,5}})?")


@dataclass(frozen=True)
class Hypervisor:
    """A libvirt daemon. C(jump) is what ssh's ProxyJump takes to get to its guests, empty where it needs none."""

    uri: str
    name: str
    jump: str = ""


def hypervisors(entries: Sequence[Any], jumps: bool) -> list[Hypervisor]:
    """The hypervisors of the option C(uris); C(jumps) tells whether their guests are reached through them."""
    found = [_hypervisor(entry, jumps) for entry in entries]
    for name, times in Counter(each.name for each in found).items():
        if times > 1:
            uris = ", ".join(each.uri for each in found if each.name == name)
            raise HypervisorError(
                f"{times} hypervisors have the name {name} ({uris}): give each a name of its own (uris[].name),"
                " and list each once.",
                "DUPLICATE_HYPERVISOR",
            )
    return found


def _hypervisor(entry: Any, jumps: bool) -> Hypervisor:
    given = _members(entry)
    uri = given["uri"]
    try:
        host = urlsplit(uri).hostname
    except ValueError as error:
        raise HypervisorError(f"{uri!r} is not a URI: {error}.", "INVALID_URI") from error
    name = check_name("Hypervisor", given.get("name") or host or LOCAL)
    jump = given.get("proxy_jump", _own_jump(uri) if jumps else "")
    return Hypervisor(uri, name, _checked(jump, uri))


def _members(entry: Any) -> dict[str, str]:
    members = {"uri": entry} if isinstance(entry, str) else entry
    valid = isinstance(members, Mapping) and set(members) <= _MEMBERS
    if not valid or not members.get("uri") or not all(isinstance(each, str) for each in members.values()):
        raise HypervisorError(
            f"uris has {entry!r}: give a URI, or a dictionary with uri and perhaps name and proxy_jump, all strings.",
            "INVALID_OPTION",
        )
    return dict(members)


def _own_jump(uri: str) -> str:
    """User, host and port of a URI whose transport is SSH; a password in it is nobody's to see."""
    parts = urlsplit(uri)
    if parts.scheme.partition("+")[2] not in _SSH or not parts.hostname:
        return ""
    user, at, host = parts.netloc.rpartition("@")
    return user.partition(":")[0] + at + host


def _checked(jump: str, uri: str) -> str:
    if jump and not all(_HOP.fullmatch(hop) for hop in jump.split(",")):
        raise HypervisorError(
            f"The guests of {uri} would be reached through {jump!r}, which is not [user@]host[:port] of plain letters,"
            " digits, '.', '_' and '-': give a proxy_jump that is, or an empty one for none.",
            "INVALID_PROXY_JUMP",
        )
    return jump
