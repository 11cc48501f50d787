# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import fcntl
import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._image import clean as cleaning
from ansible_collections.mini.hypervisor.plugins.module_utils._image.store import Staged, Store
from ansible_collections.mini.hypervisor.plugins.module_utils._image.sums import digest_file
from ansible_collections.mini.hypervisor.plugins.module_utils._image.users import backing

HOUR = 3600


@pytest.fixture
def images(tmp_path):
    """Images a, b and c, of which a was used longest ago."""
    directory = tmp_path / "images"
    directory.mkdir()
    published = {}
    for age, name in enumerate("cba", start=1):
        store = Store(str(directory), name, {})
        part = store.part("qcow2")
        argv = ["qemu-img", "create", "-q", "-f", "qcow2", "-o", "preallocation=full", str(part), "1M"]
        subprocess.run(argv, check=True)
        staged = Staged(part, store.final("qcow2"), digest_file(part, "sha256")["sha256"])
        published[name] = Path(store.publish(store.image("qcow2", False), staged)["path"])
        used = time.time() - age * 24 * HOUR
        os.utime(store.record, (used, used))
    return published


@pytest.fixture
def clean(virt, images):
    directory = images["a"].parent
    return lambda **options: virt("image_clean", dest=str(directory), **{"overlays": [], **options})


def names(entries):
    return [entry["name"] for entry in entries]


def size_of(images, name):
    return sum(path.stat().st_blocks * 512 for path in images[name].parent.glob(f"{name}-*"))


def test_the_longest_unused_goes_first(clean, images):
    limit = size_of(images, "b") + size_of(images, "c")
    predicted = clean(keep_size=str(limit), check=True)
    assert all(path.exists() for path in images.values())
    done = clean(keep_size=str(limit))
    assert predicted == done and done["changed"] and names(done["removed"]) == ["a"]
    assert names(done["kept"]) == ["b", "c"] and done["size"] == limit and done["freed"] > 1 << 20
    assert images["a"].name in done["diff"]["before"] and images["a"].name not in done["diff"]["after"]
    assert not list(images["a"].parent.glob("a-*")) and images["b"].exists()
    again = clean(keep_size=str(limit))
    assert not again["changed"] and {entry["reason"] for entry in again["kept"]} == {"there is room"}


def test_an_image_that_was_just_asked_for_stays(clean, images):
    os.utime(next(images["a"].parent.glob("a-*.json")))
    done = clean(keep_size="0")
    assert names(done["removed"]) == ["b", "c"] and "short time ago" in done["kept"][0]["reason"]
    assert "a short time ago" in str(done["warnings"])
    assert names(clean(keep_size="0", min_age=0)["removed"]) == ["a"]


def overlay(path, below, *options):
    argv = [
        "qemu-img",
        "create",
        "-q",
        "-f",
        "qcow2",
        "-F",
        "qcow2",
        "-b",
        str(below),
        *options,
        str(path),
        *(["1M"] if options else []),
    ]
    subprocess.run(argv, check=True)
    return path


def test_an_image_below_the_disk_of_a_domain_stays(clean, images, test_driver, tmp_path):
    disk = overlay(tmp_path / "upper", overlay(tmp_path / "middle", images["a"]))
    (tmp_path / "link").symlink_to(images["b"])
    for name, source in (("deep", disk), ("direct", tmp_path / "link")):
        test_driver.defineXML(
            f"<domain type='test'><name>{name}</name><memory>1024</memory><os><type>hvm</type></os><devices>"
            f"<disk type='file'><source file='{source}'/><target dev='vda'/></disk></devices></domain>"
        )
    done = clean(keep_size="0")
    assert names(done["removed"]) == ["c"]
    assert [entry["reason"] for entry in done["kept"]] == ["domain deep uses it", "domain direct uses it"]


def test_an_image_below_a_file_elsewhere_stays(clean, images, tmp_path):
    elsewhere = tmp_path / "saved" / "machine"
    elsewhere.mkdir(parents=True)
    overlay(elsewhere / "disk", images["c"])
    done = clean(keep_size="0", overlays=[str(tmp_path / "saved"), "/nonexistent"])
    assert names(done["removed"]) == ["a", "b"] and str(elsewhere / "disk") in done["kept"][0]["reason"]


def test_an_image_below_a_volume_of_a_pool_that_is_not_started_stays(clean, images, test_driver, tmp_path):
    (tmp_path / "pool").mkdir()
    overlay(tmp_path / "pool" / "disk", images["b"])
    test_driver.storagePoolDefineXML(
        f"<pool type='dir'><name>idle</name><target><path>{tmp_path / 'pool'}</path></target></pool>"
    )
    done = clean(keep_size="0")
    assert "of pool idle uses it" in done["kept"][0]["reason"] and names(done["kept"]) == ["b"]


def test_an_open_or_locked_image_stays(clean, images):
    lock = images["b"].parent / ".b.lock"
    with images["a"].open("rb"), lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = clean(keep_size="0")
    assert names(done["removed"]) == ["c"]
    assert {entry["name"]: entry["reason"] for entry in done["kept"]} == {
        "a": f"process {os.getpid()} uses it",
        "b": "another run works on it",
    }


def test_what_came_to_be_used_since_the_first_look_stays(images):
    directory, recent = images["a"].parent, time.time() - HOUR
    entries = {entry.name: entry for entry in cleaning._entries(directory)}
    Store(str(directory), "a", {}).note_use()
    users = {os.path.realpath(images["b"]): "domain late"}
    uses = {name: cleaning._remove(directory, entry, users, recent) for name, entry in entries.items()}
    assert uses == {"a": "it was used a short time ago", "b": "domain late uses it", "c": None}
    assert [path.exists() for path in images.values()] == [name != "c" for name in images]
    assert cleaning._remove(directory, entries["c"], {}, recent) == "another run removed it"


def test_a_use_is_noted_before_or_after_a_removal_and_not_within(images):
    store = Store(str(images["a"].parent), "a", {})
    with store.record.open() as record:
        fcntl.flock(record, fcntl.LOCK_EX)
        noting = threading.Thread(target=store.note_use)
        noting.start()
        noting.join(0.3)
        assert noting.is_alive() and store.record.stat().st_mtime < time.time() - HOUR
        for path in (images["a"], store.record):
            path.unlink()
    noting.join(5)
    assert not noting.is_alive() and store.done(pytest.fail) is None


def test_what_killed_runs_left_goes_too(clean, images):
    directory = images["a"].parent
    for name in (".d-12345678.qcow2.part", ".d-12345678.qcow2.part.version"):
        (directory / name).write_bytes(b"x" * 4096)
    (directory / ".build-d").mkdir()
    (directory / ".build-d" / "disk").write_bytes(b"x" * 4096)
    (directory / "mine.qcow2").write_bytes(b"x" * 4096)
    done = clean(keep_size="0", min_age=0)
    assert names(done["removed"]).count("d") == 3 and not any(entry["complete"] for entry in done["removed"][-3:])
    assert sorted(path.name for path in directory.iterdir() if path.suffix != ".lock") == ["mine.qcow2"]


def test_nothing_is_no_error(clean, virt, tmp_path):
    assert not virt("image_clean", dest=str(tmp_path / "none"), keep_size="0")["changed"]
    assert clean(keep_size="x")["code"] == "INVALID_SIZE"


def test_every_way_to_name_what_lies_below_is_read(images, tmp_path):
    for name in (
        *(str(images["a"]), f"images/{images['a'].name}", f"file:{images['a']}"),
        f'json:{{"driver": "qcow2", "file": {{"driver": "file", "filename": "{images["a"]}"}}}}',
    ):
        assert backing(str(overlay(tmp_path / "overlay", name, "-u"))) == str(images["a"]), name
    assert backing(str(images["a"])) is None and backing("/nonexistent") is None and backing(None) is None
