# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The options of a seed: those of the module, and of the filter that tells what would be in one."""

from __future__ import annotations

from typing import Any

TEXT: dict[str, Any] = {"type": "str"}
TEXTS: dict[str, Any] = {"type": "list", "elements": "str"}
FLAG: dict[str, Any] = {"type": "bool"}
REQUIRED = {"type": "str", "required": True}

USER = {
    "name": REQUIRED,
    "gecos": TEXT,
    "uid": {"type": "int"},
    "primary_group": TEXT,
    "groups": TEXTS,
    "homedir": TEXT,
    "shell": TEXT,
    "system": FLAG,
    "sudo": TEXTS,
    "passwd": {"type": "str", "no_log": True},
    "lock_passwd": {"type": "bool", "no_log": False},
    "ssh_authorized_keys": {**TEXTS, "no_log": False},
}
HOST_KEY = {
    "type": {"type": "str", "choices": ["ed25519", "ecdsa", "rsa"], "required": True},
    "private": {"type": "str", "required": True, "no_log": True},
    "public": REQUIRED,
}
FILE = {
    "path": REQUIRED,
    "content": {"type": "str", "no_log": True},
    "encoding": {"type": "str", "choices": ["text/plain", "b64", "gz+b64"]},
    "owner": TEXT,
    "permissions": TEXT,
    "append": FLAG,
    "defer": FLAG,
}
ROUTE = {"to": REQUIRED, "via": REQUIRED, "metric": {"type": "int"}}
CARD = {
    "mac": REQUIRED,
    "dhcp4": FLAG,
    "dhcp6": FLAG,
    "addresses": TEXTS,
    "gateway4": TEXT,
    "gateway6": TEXT,
    "nameservers": TEXTS,
    "search": TEXTS,
    "routes": {"type": "list", "elements": "dict", "options": ROUTE},
    "mtu": {"type": "int"},
    "optional": FLAG,
}
SECRET = ("users", "ssh_host_keys", "write_files", "bootcmd", "runcmd", "user_data", "vendor_data")
SPEC: dict[str, Any] = {
    "path": {"type": "path", "required": True},
    "state": {"type": "str", "choices": ["present", "spent", "absent"], "default": "present"},
    "hostname": TEXT,
    "timezone": TEXT,
    "locale": TEXT,
    "users": {"type": "list", "elements": "dict", "options": USER, "no_log": True},
    "ssh_authorized_keys": {**TEXTS, "no_log": False},
    "ssh_host_keys": {"type": "list", "elements": "dict", "options": HOST_KEY, "no_log": True},
    "packages": TEXTS,
    "package_update": FLAG,
    "package_upgrade": FLAG,
    "write_files": {"type": "list", "elements": "dict", "options": FILE, "no_log": True},
    "bootcmd": {"type": "list", "elements": "raw", "no_log": True},
    "runcmd": {"type": "list", "elements": "raw", "no_log": True},
    "network": {"type": "list", "elements": "dict", "options": CARD},
    "user_data": {"type": "raw", "no_log": True},
    "meta_data": {"type": "dict"},
    "network_config": {"type": "dict"},
    "vendor_data": {"type": "raw", "no_log": True},
    "unknown_keys": {"type": "str", "choices": ["refuse", "warn"], "default": "refuse", "no_log": False},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "replace": {"type": "bool", "default": False},
}
ALTERNATIVES = [("network", "network_config")]
