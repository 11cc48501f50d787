# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records that are whole, missing, or of somebody else."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils import _records as records
from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path, part = tmp_path / "record.json", tmp_path / "part"
    written = records.write(path, part, {"name": "web"}, 0o600)
    assert records.read(path, "it") == written and written["name"] == "web" and written["completed"].endswith("Z")
    assert not part.exists() and stat.S_IMODE(path.stat().st_mode) == 0o600


def test_without_a_record_nothing_is_known(tmp_path: Path) -> None:
    assert records.read(tmp_path / "none", "it") is None and records.stat(tmp_path / "none") is None


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": 99}'])
def test_what_no_record_can_be_is_told_with_all_that_goes_with_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "record.json").write_text(text)
    with pytest.raises(HypervisorError, match="remove it together with web-1234") as caught:
        records.read(tmp_path / "record.json", "web-1234.*")
    assert caught.value.code == "RECORD_UNREADABLE"


def test_a_file_that_was_replaced_is_another_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("same")
    before = records.stat(path)
    path.unlink()
    (tmp_path / "other").write_text("x")
    path.write_text("same")
    assert records.stat(path) != before
