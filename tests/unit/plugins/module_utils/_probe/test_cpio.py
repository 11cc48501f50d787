# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Archives, as the cpio that everybody has reads them."""

from __future__ import annotations

import stat
import subprocess

from ansible_collections.mini.hypervisor.plugins.module_utils._probe.cpio import Entry, archive, executable, link

TREE = {
    "bin/hello": executable(b"#!/bin/sh\n"),
    "bin/hi": link("hello"),
    "dev/console": Entry(stat.S_IFCHR | 0o600, device=(5, 1)),
}


def test_cpio_reads_it():
    listed = subprocess.run(
        ["busybox", "cpio", "-tv"], input=archive(TREE), capture_output=True, check=True
    ).stdout.decode()
    lines = {line.split()[5] if " -> " not in line else "bin/hi": line for line in listed.splitlines()}
    assert list(lines) == sorted(lines) and "bin" in lines
    assert lines["bin/hello"].startswith("-rwxr-xr-x") and lines["bin/hi"].endswith("-> hello")
    assert lines["dev/console"].startswith("crw-------")


def test_the_same_tree_gives_the_same_bytes():
    assert archive(TREE) == archive(dict(reversed(list(TREE.items()))))
