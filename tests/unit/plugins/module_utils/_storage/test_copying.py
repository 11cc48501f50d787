# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._progress import Progress
from ansible_collections.mini.hypervisor.plugins.module_utils._storage import copying, staging
from ansible_collections.mini.hypervisor.plugins.module_utils._storage.copying import Recipe, Tools

CONTENT = b"data" * 1024 + bytes(4 << 20) + b"end!" * 1024

needs_qemu_img = pytest.mark.skipif(shutil.which("qemu-img") is None, reason="qemu-img is not installed")


def run(argv, environ_update=None, pass_fds=()):
    environment = {**os.environ, **environ_update}
    done = subprocess.run(argv, env=environment, pass_fds=pass_fds, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def tools(progress_file=None):
    return Tools(run, Progress(progress_file), "a")


def place(source, final, permissions=None, timeout=1, source_format="raw", **recipe):
    filled = copying.fill(Recipe(source, source_format, **{"format": "raw", **recipe}), tools())
    return staging.place(final, filled, permissions or {}, timeout)


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
    assert place(source, pool / "a")
    found = pool / "a"
    assert found.read_bytes() == CONTENT
    assert found.stat().st_blocks * 512 < len(CONTENT) / 2
    assert oct(found.stat().st_mode)[-4:] == "0600"
    assert listing(pool) == ["a"]


def test_what_is_there_is_never_replaced(source, pool):
    (pool / "a").write_text("precious")
    assert not place(source, pool / "a")
    assert (pool / "a").read_text() == "precious" and listing(pool) == ["a"]


def test_a_killed_run_leaves_nothing_under_the_name_and_the_next_one_finishes(source, pool, monkeypatch):
    child = os.fork()
    if child == 0:  # dies while the copy is complete but not yet verified

        def die(*_arguments):
            os.kill(os.getpid(), signal.SIGKILL)

        monkeypatch.setattr(copying, "examine", die)
        place(source, pool / "a")
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert listing(pool) == [".a.part"]
    assert place(source, pool / "a", {"mode": "0644"})
    assert listing(pool) == ["a"] and (pool / "a").read_bytes() == CONTENT
    assert oct((pool / "a").stat().st_mode)[-4:] == "0644"


def test_a_second_run_waits_for_the_first(source, pool):
    with (pool / ".a.part").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(HypervisorError) as failure:
            place(source, pool / "a", timeout=0)
    assert failure.value.code == "LOCKED" and not (pool / "a").exists()


def test_a_command_that_outlives_its_killed_run_keeps_others_out_until_it_ends(source, pool, tmp_path):
    child = os.fork()
    if child == 0:

        def die(_part, lock):
            command = subprocess.Popen(["sleep", "60"], pass_fds=(lock,))
            (tmp_path / "command").write_text(str(command.pid))
            os.kill(os.getpid(), signal.SIGKILL)

        staging.place(pool / "a", die, {}, 1)
    os.waitpid(child, 0)
    with pytest.raises(HypervisorError) as failure:
        place(source, pool / "a", timeout=0)
    os.kill(int((tmp_path / "command").read_text()), signal.SIGKILL)
    assert failure.value.code == "LOCKED"
    assert place(source, pool / "a", timeout=5) and listing(pool) == ["a"]


def test_a_bad_source_is_refused_before_the_copy(source, tmp_path):
    good = hashlib.sha256(CONTENT).hexdigest()
    assert copying.examine(source, "raw", f"sha256:{good}") == len(CONTENT)
    for path, image_format, checksum, code in (
        (source, "raw", "sha256:" + "0" * 64, "CHECKSUM_MISMATCH"),
        (source, "qcow2", None, "IMAGE_REFUSED"),
        (tmp_path / "missing", "raw", None, "COPY_FAILED"),
        (tmp_path, "raw", None, "INVALID_OPTION"),
    ):
        with pytest.raises(HypervisorError) as failure:
            copying.examine(path, image_format, checksum)
        assert failure.value.code == code and str(path) in str(failure.value)


def test_no_space_leaves_nothing(source, pool, monkeypatch):
    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copying, "copy_sparse", full)
    with pytest.raises(HypervisorError) as failure:
        place(source, pool / "a")
    assert failure.value.code == "NO_SPACE" and listing(pool) == []


def test_a_source_that_changes_meanwhile_is_no_copy(source, pool, monkeypatch):
    copy = copying.copy_sparse

    def change(*arguments):
        copy(*arguments)
        source.write_bytes(CONTENT[:-1] + b"?")

    monkeypatch.setattr(copying, "copy_sparse", change)
    with pytest.raises(HypervisorError) as failure:
        place(source, pool / "a")
    assert failure.value.code == "CHECKSUM_MISMATCH" and listing(pool) == []


@needs_qemu_img
def test_a_converted_copy_has_the_same_content_and_the_asked_features(source, pool):
    assert place(source, pool / "a", format="qcow2", creation=("cluster_size=131072", "lazy_refcounts=on"))
    facts = json.loads(run(["qemu-img", "info", "--output=json", str(pool / "a")], {})[1])
    assert (facts["format"], facts["cluster-size"], facts["virtual-size"]) == ("qcow2", 131072, len(CONTENT))
    assert facts["format-specific"]["data"]["lazy-refcounts"]
    assert place(pool / "a", pool / "b", source_format="qcow2")
    assert (pool / "b").read_bytes() == CONTENT
    assert sorted(listing(pool)) == ["a", "b"]


@needs_qemu_img
def test_a_conversion_that_is_wrong_is_not_published(source, pool):
    def damage(argv, **options):
        result = run(argv, **options)
        if argv[1] == "convert":
            run(["qemu-io", "-f", "qcow2", "-c", "write -P 9 0 512", argv[-1]], {})
        return result

    filled = copying.fill(Recipe(source, "raw", "qcow2"), Tools(damage, Progress(None), "a"))
    with pytest.raises(HypervisorError) as failure:
        staging.place(pool / "a", filled, {}, 1)
    assert failure.value.code == "CONVERSION_FAILED" and "compare" in str(failure.value) and listing(pool) == []


def test_progress_tells_percent_rate_and_what_is_left(tmp_path, monkeypatch):
    clock = iter([10.0, 11.0, 11.0, 13.0, 13.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    report = Progress(str(tmp_path / "progress")).reporter("copying a")
    report(0, 100 << 20)
    report(50 << 20, 100 << 20)
    lines = (tmp_path / "progress").read_text().splitlines()
    assert lines[-1] == "copying a: 50 of 100 MiB, 50 %, 16.7 MiB/s, 3 s left"
