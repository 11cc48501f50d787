# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The third-party libraries, imported in one place so that a missing one becomes one clear message."""

from __future__ import annotations

import importlib
import threading
import traceback
from typing import Any

MISSING: dict[str, str] = {}
"""Library name -> traceback of the import that failed."""


def _load(library: str, module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        MISSING[library] = traceback.format_exc()
        return None


libvirt = _load("libvirt-python", "libvirt")
libvirt_qemu = _load("libvirt-python with libvirt_qemu", "libvirt_qemu")
etree = _load("lxml", "lxml.etree")

LIBXML2 = threading.Lock()
"""Held while lxml parses, and while libvirt reads a file.

Distributions link both with the same libxml2. While lxml parses, libxml2 opens files by a function of lxml's, which
takes what libvirt keeps in its parser for an object of Python, in whatever thread libvirt reads: the process crashes.
"""
