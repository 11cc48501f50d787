# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Documentation of what modules can be counted on for."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes of modules that converge (default), that only read (INFO)."""

    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Whether the module predicts its result without changing anything.
    support: full
  diff_mode:
    description: Whether the module returns what changed, or would change.
    support: full
  idempotent:
    description: Whether a second run with the same options changes nothing.
    support: full
"""

    INFO = r"""
attributes:
  check_mode:
    description: Whether the module predicts its result without changing anything.
    support: full
    details:
      - The module changes nothing.
  diff_mode:
    description: Whether the module returns what changed, or would change.
    support: N/A
    details:
      - The module changes nothing.
  idempotent:
    description: Whether a second run with the same options changes nothing.
    support: full
"""
