# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The typed options of a seed, as the cloud-config they stand for."""

from __future__ import annotations

import re
from typing import Any, Mapping

from .._errors import HypervisorError

AS_GIVEN = (
    "timezone",
    "locale",
    "ssh_authorized_keys",
    "packages",
    "package_update",
    "package_upgrade",
    "bootcmd",
    "runcmd",
)
"""Options that are keys of cloud-config by the same name."""

_HASH = re.compile(r"\$[0-9a-z]+\$.+|[*!].*")
_PERMISSIONS = re.compile(r"0?[0-7]{3,4}")


def cloud_config(options: Mapping[str, Any]) -> dict[str, Any]:
    """What the typed options say; a key is there where its option is given."""
    made = {name: options[name] for name in AS_GIVEN if options.get(name) is not None}
    for name in ("bootcmd", "runcmd"):
        _check_commands(name, made.get(name, ()))
    if options.get("users") is not None:
        made["users"] = [_user(number, user) for number, user in enumerate(options["users"])]
    if options.get("write_files") is not None:
        made["write_files"] = [_file(number, file) for number, file in enumerate(options["write_files"])]
    if options.get("ssh_host_keys") is not None:
        made["ssh_keys"] = {
            f"{key['type']}_{part}": key[part] for key in options["ssh_host_keys"] for part in ("private", "public")
        }
    return made


def _user(number: int, given: Mapping[str, Any]) -> dict[str, Any]:
    user = _said(given)
    if "passwd" in user:
        if not _HASH.fullmatch(user["passwd"]):
            raise HypervisorError(
                f"users[{number}].passwd (of {user['name']}) is not the hash of a password: make one with 'openssl"
                " passwd -6', or with the filter password_hash.",
                "INVALID_OPTION",
                path=f"users[{number}].passwd",
            )
        # cloud-init locks passwords unless told not to, this one as well.
        user.setdefault("lock_passwd", False)
    if len(user.get("sudo", ())) == 1:
        # Before 23.1 cloud-init's schema knows no list of rules.
        user["sudo"] = user["sudo"][0]
    return user


def _file(number: int, given: Mapping[str, Any]) -> dict[str, Any]:
    file = _said(given)
    if not file["path"].startswith("/"):
        raise HypervisorError(
            f"write_files[{number}].path has to be absolute.", "INVALID_OPTION", path=f"write_files[{number}].path"
        )
    if not _PERMISSIONS.fullmatch(file.get("permissions", "0644")):
        raise HypervisorError(
            f"write_files[{number}].permissions (of {file['path']}) are not octal digits in quotes, such as '0640'.",
            "INVALID_OPTION",
            path=f"write_files[{number}].permissions",
        )
    return file


def _check_commands(name: str, commands: Any) -> None:
    for number, command in enumerate(commands):
        words = command if isinstance(command, (list, tuple)) else [command]
        if not words or not all(isinstance(word, str) for word in words):
            raise HypervisorError(
                f"{name}[{number}] has to be a string, which a shell runs, or a list of strings.",
                "INVALID_OPTION",
                path=f"{name}[{number}]",
            )


def _said(given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if value is not None}
