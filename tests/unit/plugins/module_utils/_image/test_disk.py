# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Disks by the real programs; the judges are e2fsck, debugfs and another disk of the same tree."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import uuid

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._image.disk import Layout, convert, write_disk
from ansible_collections.mini.hypervisor.plugins.module_utils._image.sums import digest_file

EPOCH = 1_700_000_000
NAMES = [*(f"file{number}" for number in range(300)), "Főtanúsítvány.crt", "a b", 'quote"d', "-dash", "#hash", "."]


def run(argv, data=None, environ_update=None):
    done = subprocess.run(
        argv, input=data, capture_output=True, text=True, check=False, env={**os.environ, **(environ_update or {})}
    )
    return done.returncode, done.stdout, done.stderr


def plant(tree, order):
    """The same tree, its entries made in another order each time."""
    names = [name for name in NAMES if name != "."]
    order.shuffle(names)
    for name in names:
        (tree / "etc" / "deep").mkdir(parents=True, exist_ok=True)
        path = tree / "etc" / "deep" / name
        path.write_text(name * 100)
        path.chmod(0o640)
        os.utime(path, (1_500_000_000, 1_500_000_000))
    (tree / "etc" / "deep").chmod(0o2750)
    (tree / "etc" / "new").write_text("later")  # than the epoch
    os.link(tree / "etc" / "new", tree / "etc" / "same")
    (tree / "link").symlink_to("etc/a b")
    if os.geteuid() == 0:
        os.mknod(tree / "null", 0o20666, os.makedev(1, 3))
        os.chown(tree / "etc" / "new", 7, 8)
    return tree


def layout(partitioned=False, identity=1):
    return Layout(64 << 20, partitioned, uuid.UUID(int=identity), EPOCH)


@pytest.mark.parametrize("partitioned", [True, False])
def test_the_same_tree_is_the_same_disk(tmp_path, partitioned):
    digests = set()
    for number in (1, 2):
        work = tmp_path / str(number)
        work.mkdir()
        tree = plant(work / "tree", random.Random(number))
        disk, image = work / "disk", work / "image"
        write_disk(run, tree, disk, layout(partitioned), work)
        convert(run, disk, image)
        digests.add(digest_file(image, "sha256")["sha256"])
        place = f"{disk}?offset={layout(partitioned).start}"
        checked = subprocess.run(["e2fsck", "-f", "-n", place], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout
    assert len(digests) == 1


def test_what_is_on_the_disk_is_the_tree(tmp_path):
    tree, disk, out = plant(tmp_path / "tree", random.Random(0)), tmp_path / "disk", tmp_path / "out"
    write_disk(run, tree, disk, layout(), tmp_path)
    out.mkdir()
    subprocess.run(["debugfs", "-R", f"rdump / {out}", str(disk)], check=True, capture_output=True)
    shutil.rmtree(out / "lost+found")
    (tree / "null").unlink(missing_ok=True)  # which cannot be read back in this way
    subprocess.run(["diff", "-r", "--no-dereference", str(tree), str(out)], check=True)
    for name in ("etc/new", "etc/deep", "etc/deep/a b", "link"):
        # Reading it back loses the bits above these.
        assert (tree / name).lstat().st_mode & 0o777 == (out / name).lstat().st_mode & 0o777, name
    told = {
        name: subprocess.run(
            ["debugfs", "-R", f"stat {name}", str(disk)], check=True, capture_output=True, text=True
        ).stdout
        for name in ("etc/new", "etc/deep", '"etc/deep/a b"', "link")
    }
    assert "Mode:  02750" in told["etc/deep"]
    assert "Links: 2" in told["etc/new"] and f"mtime: 0x{EPOCH:08x}" in told["etc/new"]
    assert f"mtime: 0x{1_500_000_000:08x}" in told['"etc/deep/a b"'] and f"ctime: 0x{EPOCH:08x}" in told["link"]


def test_another_identity_is_another_disk(tmp_path):
    tree = plant(tmp_path / "tree", random.Random(0))
    for identity in (1, 2):
        write_disk(run, tree, tmp_path / f"disk{identity}", layout(True, identity), tmp_path)
    first, second = (digest_file(tmp_path / f"disk{identity}", "sha256") for identity in (1, 2))
    assert first != second


def test_a_tree_that_does_not_fit_is_an_error(tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "large").write_bytes(os.urandom(80 << 20))
    with pytest.raises(HypervisorError) as caught:
        write_disk(run, tree, tmp_path / "disk", layout(), tmp_path)
    assert caught.value.code == "BUILD_FAILED"
