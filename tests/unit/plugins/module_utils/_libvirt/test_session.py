# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._libvirt import session


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("qemu:///session", True),
        ("qemu+unix:///session?socket=/run/x", True),
        ("qemu+ssh://ada@host/session", True),
        ("qemu:///system", False),
        ("test:///default", False),
    ],
)
def test_the_uri_tells_whose_daemon_it_is(uri, expected):
    assert session.is_session(uri) is expected


def test_the_environment_tells_first(tmp_path, monkeypatch):
    (tmp_path / str(os.geteuid())).mkdir()
    monkeypatch.setenv(session.RUNTIME, "/run/mine")
    assert session.runtime_directory(tmp_path) == "/run/mine"


def test_without_it_the_directory_of_the_login_is_found(tmp_path, monkeypatch):
    monkeypatch.delenv(session.RUNTIME, raising=False)
    own = tmp_path / str(os.geteuid())
    assert session.runtime_directory(tmp_path) is None
    own.mkdir()
    assert session.runtime_directory(tmp_path) == str(own)


def test_only_a_session_changes_the_environment(monkeypatch):
    monkeypatch.delenv(session.RUNTIME, raising=False)
    monkeypatch.setattr(session, "runtime_directory", lambda: "/run/mine")
    session.prepare("qemu:///system")
    assert session.RUNTIME not in os.environ
    session.prepare("qemu:///session")
    assert os.environ[session.RUNTIME] == "/run/mine"
