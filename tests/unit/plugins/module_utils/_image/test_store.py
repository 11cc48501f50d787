# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._image.store import (
    Staged,
    Store,
    copy_sparse,
    explained_space,
    need_space,
)
from ansible_collections.mini.hypervisor.plugins.module_utils._image.sums import digest_file
from ansible_collections.mini.hypervisor.plugins.module_utils._progress import Progress


@pytest.fixture
def store(tmp_path):
    return Store(str(tmp_path), "lab", {"url": "x"})


def staged(store, suffix="qcow2", content=b"disk"):
    part = store.part(suffix)
    part.write_bytes(content)
    return Staged(part, store.final(suffix), digest_file(part, "sha256")["sha256"])


def publish(store):
    return store.publish(
        store.image("qcow2", True), staged(store), [staged(store, each) for each in ("vmlinuz", "initrd")]
    )


def visible(directory):
    return sorted(path.suffix for path in directory.iterdir() if not path.name.startswith("."))


def test_published_is_done(store, tmp_path):
    assert store.done(pytest.fail) is None
    image = publish(store)
    assert store.done(pytest.fail) == image
    assert image["size"] == 4 and Path(image["path"]).read_bytes() == b"disk"
    assert visible(tmp_path) == [".initrd", ".json", ".qcow2", ".vmlinuz"] and len(list(tmp_path.iterdir())) == 4


def test_other_inputs_are_another_file(store, tmp_path):
    publish(store)
    other = Store(str(tmp_path), "lab", {"url": "y"})
    assert other.done(pytest.fail) is None and other.final("qcow2") != store.final("qcow2")


@pytest.mark.parametrize("renames", [0, 1, 2, 3])
def test_killed_while_publishing_is_not_done(store, tmp_path, monkeypatch, renames):
    done = []
    rename = Path.rename

    def dies(path, target):
        if len(done) == renames:
            raise KeyboardInterrupt
        done.append(target)
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", dies)
        with pytest.raises(KeyboardInterrupt):
            publish(store)
    assert not store.final("qcow2").exists()
    assert store.done(pytest.fail) is None
    publish(store)
    assert store.done(pytest.fail) is not None


def test_a_file_without_a_record_is_not_trusted(store):
    store.final("qcow2").write_bytes(b"disk")
    with pytest.raises(HypervisorError) as caught:
        store.done(pytest.fail)
    assert caught.value.code == "UNRECORDED_FILE" and str(store.final("qcow2")) in str(caught.value)


def test_a_touched_file_is_verified_again(store):
    publish(store)
    final = store.final("qcow2")
    copy = final.read_bytes()
    final.unlink()
    final.write_bytes(copy)
    assert store.done(pytest.fail) is not None

    final.write_bytes(b"evil")  # of the same size
    warnings = []
    assert store.done(warnings.append) is None and str(final) in warnings[0]


def test_an_unreadable_record_is_an_error(store):
    publish(store)
    for text in ("{", "[]", "{}"):
        store.record.write_text(text)
        with pytest.raises(HypervisorError) as caught:
            store.done(pytest.fail)
        assert caught.value.code == "RECORD_UNREADABLE"


def test_the_lock_is_held_against_others_and_dies_with_its_holder(store, tmp_path):
    progress = tmp_path / "progress"
    holds = (
        "import fcntl, sys, time; f = open(sys.argv[1], 'a'); fcntl.flock(f, 2); print(1, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", holds, str(tmp_path / ".lab.lock")], stdout=subprocess.PIPE) as holder:
        holder.stdout.read(1)
        with pytest.raises(HypervisorError) as caught, store.locked(0, Progress(str(progress))):
            pytest.fail("the lock was held")
        holder.kill()
    assert caught.value.code == "LOCKED" and "lab" in str(caught.value)
    start = time.monotonic()
    with store.locked(5, Progress(None)):
        assert time.monotonic() - start < 2


def test_space(store, tmp_path):
    need_space(tmp_path, 1, "a byte")
    with pytest.raises(HypervisorError) as caught:
        need_space(tmp_path, 1 << 60, "everything")
    assert caught.value.code == "NO_SPACE"
    part = store.part("qcow2")
    with pytest.raises(HypervisorError) as caught, explained_space(tmp_path, part), part.open("wb") as file:
        file.write(b"x")
        raise OSError(28, os.strerror(28))
    assert caught.value.code == "NO_SPACE" and not part.exists()


def test_a_sparse_copy_is_equal_and_stays_private(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    with source.open("wb") as file:
        file.write(b"a" * 10)
        file.truncate(64 << 20)
    reports = []
    copy_sparse(source, target, lambda done, total: reports.append((done, total)))
    assert digest_file(source, "sha256") == digest_file(target, "sha256")
    assert target.stat().st_blocks * 512 < 4 << 20 and target.stat().st_mode & 0o777 == 0o600
    assert reports[-1] == (64 << 20, 64 << 20)
