# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which packages a newer QEMU consists of, from what apt says; nothing of it touches the host's own."""

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._probe import backports

LISTED = """\
http://deb.debian.org/debian-security/ bookworm-security main
http://mirror.example/debian/ bookworm main
http://mirror.example/debian/ bookworm-updates main
"""
SIMULATED = """\
Reading package lists...
Inst qemu-system-data [1:7.2] (1:10.0.2~bpo12+1 Debian Backports:stable-backports [all]) []
Inst qemu-user-static [1:7.2] (1:10.0.2~bpo12+1 Debian Backports:stable-backports [amd64])
Inst liburing2 (2.9~bpo12+1 Debian Backports:stable-backports [amd64])
Inst qemu-system-x86 [1:7.2] (1:10.0.2~bpo12+1 Debian Backports:stable-backports [amd64])
Conf qemu-system-x86 (1:10.0.2~bpo12+1 Debian Backports:stable-backports [amd64])
"""
CLOSURE = """\
qemu-system-x86
  Depends: qemu-system-data
qemu-system-data
liburing2
"""


def test_the_sources_are_the_releases_own_and_its_backports():
    assert backports.sources(LISTED, "bookworm").splitlines() == [
        "deb http://mirror.example/debian/ bookworm main",
        "deb http://mirror.example/debian/ bookworm-backports main",
    ]


@pytest.mark.parametrize("codename", ["trixie", ""])
def test_a_release_without_a_source_has_a_reason(codename):
    with pytest.raises(HypervisorError, match="no source of the release") as failed:
        backports.sources(LISTED, codename)
    assert failed.value.code == "NO_BACKPORTS"


def test_only_what_qemu_itself_needs_is_fetched():
    assert backports.wanted(SIMULATED, CLOSURE) == [
        "qemu-system-data=1:10.0.2~bpo12+1",
        "liburing2=2.9~bpo12+1",
        "qemu-system-x86=1:10.0.2~bpo12+1",
    ]


def test_what_was_fetched_once_is_not_fetched_again(tmp_path):
    start = tmp_path / "qemu-backports/run"
    start.parent.mkdir()
    start.touch()
    assert backports.fetched(tmp_path) == start


def test_a_machine_without_apt_has_a_reason(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HypervisorError, match="no apt"):
        backports.fetched(tmp_path)
