# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._progress import Progress


def test_one_line_a_second(tmp_path, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    path = tmp_path / "progress"
    progress = Progress(str(path))
    for text in ("one", "too soon"):
        progress.say(text)
    now[0] += 1.0
    progress.say("two")
    assert path.read_text() == "one\ntwo\n"


def test_no_file_no_progress_and_a_bad_one_is_said():
    Progress(None).say("nobody listens")
    with pytest.raises(HypervisorError, match="/nonexistent/file"):
        Progress("/nonexistent/file").say("x")
