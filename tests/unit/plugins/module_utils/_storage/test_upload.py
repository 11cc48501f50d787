# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import fcntl
import hashlib
import os
import signal

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._storage import upload

CONTENT = b"data" * 1000 + bytes(4 << 20) + b"end!" * 1000


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "source.img"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def pool(tmp_path):
    (tmp_path / "pool").mkdir()
    return tmp_path / "pool"


def listing(directory):
    return [each.name for each in directory.iterdir()]


def test_a_copy_is_whole_sparse_and_private(source, pool):
    assert upload.place(source, pool / "a", "raw", {}, 1)
    found = pool / "a"
    assert found.read_bytes() == CONTENT
    assert found.stat().st_blocks * 512 < len(CONTENT) / 2
    assert oct(found.stat().st_mode)[-4:] == "0600"
    assert listing(pool) == ["a"]


def test_what_is_there_is_never_replaced(source, pool):
    (pool / "a").write_text("precious")
    assert not upload.place(source, pool / "a", "raw", {}, 1)
    assert (pool / "a").read_text() == "precious" and listing(pool) == ["a"]


def test_a_killed_run_leaves_nothing_under_the_name_and_the_next_one_finishes(source, pool, monkeypatch):
    child = os.fork()
    if child == 0:  # dies while the copy is complete but not yet verified

        def die(*_arguments):
            os.kill(os.getpid(), signal.SIGKILL)

        monkeypatch.setattr(upload, "examine", die)
        upload.place(source, pool / "a", "raw", {}, 1)
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert listing(pool) == [".a.part"]
    assert upload.place(source, pool / "a", "raw", {"mode": "0644"}, 1)
    assert listing(pool) == ["a"] and (pool / "a").read_bytes() == CONTENT
    assert oct((pool / "a").stat().st_mode)[-4:] == "0644"


def test_a_second_run_waits_for_the_first(source, pool):
    with (pool / ".a.part").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(HypervisorError) as failure:
            upload.place(source, pool / "a", "raw", {}, 0)
    assert failure.value.code == "LOCKED" and not (pool / "a").exists()


def test_a_bad_source_is_refused_before_the_copy(source, tmp_path):
    good = hashlib.sha256(CONTENT).hexdigest()
    assert upload.examine(source, "raw", f"sha256:{good}") == len(CONTENT)
    for path, image_format, checksum, code in (
        (source, "raw", "sha256:" + "0" * 64, "CHECKSUM_MISMATCH"),
        (source, "qcow2", None, "IMAGE_REFUSED"),
        (tmp_path / "missing", "raw", None, "UPLOAD_FAILED"),
        (tmp_path, "raw", None, "INVALID_OPTION"),
    ):
        with pytest.raises(HypervisorError) as failure:
            upload.examine(path, image_format, checksum)
        assert failure.value.code == code and str(path) in str(failure.value)


def test_no_space_leaves_nothing(source, pool, monkeypatch):
    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(upload, "copy_sparse", full)
    with pytest.raises(HypervisorError) as failure:
        upload.place(source, pool / "a", "raw", {}, 1)
    assert failure.value.code == "NO_SPACE" and listing(pool) == []
