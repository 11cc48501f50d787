# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The lists of devices that more than the options need to know."""

from __future__ import annotations

from .options.disks import DISKS
from .options.interfaces import INTERFACES

__all__ = ["DISKS", "INTERFACES"]
