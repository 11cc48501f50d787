# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a package beside this file as a command: C(command.py PACKAGE ARGUMENTS...).

A script finds what lies beside it, and C(support) beside this directory, without PYTHONPATH, which every command in a
lab host would inherit.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.append(str(Path(__file__).resolve().parent.parent))
    runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
