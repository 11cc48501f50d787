# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The options that say how a guest is looked at."""

from __future__ import annotations

from typing import Any

SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "address": {"type": "str"},
    "ssh_port": {"type": "int", "default": 22},
    "console_log": {"type": "path"},
    "cloud_init": {"type": "bool", "default": True},
    "host_keys": {"type": "bool", "default": True, "no_log": False},
}
