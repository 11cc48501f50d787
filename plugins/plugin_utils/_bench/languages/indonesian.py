# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The report in Indonesian."""

from __future__ import annotations

from .indonesian_experiments import SENTENCES as EXPERIMENTS

SENTENCES: dict[str, str] = {**EXPERIMENTS}
