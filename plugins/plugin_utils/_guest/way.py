# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The way to a guest, in the words of ssh_config(5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_OPTION = re.compile(r"""(?:^|\s)-o\s*(?:'(\w+)[= ]([^']*)'|"(\w+)[= ]([^"]*)"|(\w+)=(?:"([^"]*)"|'([^']*)'|(\S+)))""")
_JUMP = re.compile(r"(?:^|\s)-J\s*(\S+)")
_SPOKEN = ("ansible_connection", "ansible_ssh_common_args", "ansible_ssh_extra_args")
_SAME = {
    "address": ("ansible_host", "ansible_ssh_host"),
    "user": ("ansible_user", "ansible_ssh_user"),
    "port": ("ansible_port", "ansible_ssh_port"),
    "key": ("ansible_ssh_private_key_file", "ansible_private_key_file"),
}


def hypervisor(name: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """What the inventory says of the way to a hypervisor; of its many variables only those are looked at."""
    said = {key: str(variables.get(key) or "") for key in _SPOKEN}
    found = {
        meaning: next((str(variables[key]) for key in keys if variables.get(key)), "")
        for meaning, keys in _SAME.items()
    }
    connection = said["ansible_connection"] or ("local" if name == "localhost" else "ssh")
    return {
        **found,
        "address": found["address"] or name,
        "remote": connection.rpartition(".")[2] in ("ssh", "smart", "paramiko", "paramiko_ssh"),
        "arguments": f"{said['ansible_ssh_common_args']} {said['ansible_ssh_extra_args']}".strip(),
    }


def written(place: Mapping[str, Any], address: str) -> str:
    """The file of one guest that is reached at that address."""
    lines = [
        "# Ansible managed",
        f"Host {place['inventory_hostname']}",
        f"  HostName {address}",
        *([f"  Port {place['guest']['ssh_port']}"] if place["session"] else []),
        f"  HostKeyAlias {place['inventory_hostname']}",
        f"  User {place['user']}",
        f"  IdentityFile {place['key']}",
        "  IdentitiesOnly yes",
        f"  UserKnownHostsFile {place['known_hosts']}",
        "  StrictHostKeyChecking yes",
        "  # A guest that is restarted does not always close its connections: without this, ssh would wait for ever.",
        "  ServerAliveInterval 10",
        "  ServerAliveCountMax 6",
        *(_by_way_of(place["way"]) if place["way"]["remote"] else []),
    ]
    return "\n".join(lines) + "\n"


def _by_way_of(way: Mapping[str, Any]) -> Iterator[str]:
    """The hypervisor is the way to its guests.

    ssh asks for nothing but this file (-F), so it tells what the inventory and the user's own files say of it.
    """
    user = f"{way['user']}@" if way["user"] else ""
    address = f"[{way['address']}]" if ":" in way["address"] else way["address"]
    port = f":{way['port']}" if way["port"] else ""
    yield f"  ProxyJump {user}{address}{port}"
    yield ""
    yield "# Another hypervisor may be behind another port there. By another name than its address, the user's own"
    yield "# files would not know it."
    yield f'Match originalhost {way["address"]} exec "test %p = {way["port"] or 22}"'
    if way["key"]:
        yield f"  IdentityFile {way['key']}"
    for found in _OPTION.findall(way["arguments"]):
        yield f"  {' '.join(filter(None, found))}"
    for jump in _JUMP.findall(way["arguments"]):
        yield f"  ProxyJump {jump}"
    yield "  Include ~/.ssh/config"
    yield "  Include /etc/ssh/ssh_config"
