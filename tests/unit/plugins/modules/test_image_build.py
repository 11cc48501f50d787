# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the module decides before it builds; the integration target of the same name builds, and boots the result."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._image import build as implementation

pytestmark = pytest.mark.skipif(
    not shutil.which("apt-get")
    or not subprocess.run(["apt-get", "indextargets"], check=False, capture_output=True).stdout,
    reason="needs a host with apt and its package lists",
)


@pytest.fixture
def build(run_module, tmp_path):
    return lambda **options: run_module("image_build", dest=str(tmp_path / "images"), **options)


def test_other_ingredients_are_another_image(build, tmp_path):
    predicted = build(check=True)
    image = predicted["image"]
    assert predicted["changed"] and image["name"] == f"{image['os']['id']}-{image['os']['version']}-built"
    assert image["source"] == "build" and image["kernel"] and image["initrd"]
    assert build(check=True)["image"] == image
    others = [build(check=True, **each)["image"]["path"] for each in ({"packages": ["nginx"]}, {"size": "5GiB"})]
    assert len({image["path"], *others}) == 3
    lean = build(check=True, profile="lean")["image"]
    assert lean["name"] == f"{image['name']}-lean" and lean["profile"] == "lean" and lean["dropped"]
    assert (image["profile"], image["dropped"]) == ("stock", [])
    assert build(check=True, source_date_epoch=1)["image"]["path"] not in {image["path"], *others}
    assert not (tmp_path / "images").exists()


def test_offline_builds_nothing(build, tmp_path):
    for check in (True, False):
        failed = build(check=check, offline=True)
        assert failed["code"] == "NOT_CACHED" and "forbids to build" in failed["msg"]
    assert not (tmp_path / "images").exists()


def test_bad_options_are_refused(build, tmp_path):
    for options, code in (
        ({"packages": ["--hook=x"]}, "INVALID_PACKAGE"),
        ({"size": "big"}, "INVALID_SIZE"),
        ({"name": "../x"}, "INVALID_NAME"),
    ):
        assert build(**options)["code"] == code
    assert not (tmp_path / "images").exists()


def test_what_would_fail_late_fails_first(build, tmp_path, monkeypatch):
    def left():
        return [path.name for path in (tmp_path / "images").iterdir() if not path.name.endswith(".lock")]

    stale = tmp_path / "images" / ".build-lab" / "root"
    stale.mkdir(parents=True)
    with monkeypatch.context() as patch:
        patch.setattr(implementation, "_PROGRAMS", ("no-such-program",))
        failed = build(name="lab")
        assert failed["code"] == "MISSING_PROGRAM" and "no-such-program" in failed["msg"]
    assert left() == []
    monkeypatch.setattr(implementation, "_PROGRAMS", ())
    monkeypatch.setattr(implementation, "_BIOS_ARCHITECTURE", "none")
    monkeypatch.setattr(implementation.os, "geteuid", lambda: 0)
    monkeypatch.setattr(implementation, "_WORK_SPACE", 1 << 60)
    assert build(name="lab")["code"] == "NO_SPACE"
    monkeypatch.setattr(implementation.os, "geteuid", lambda: 1000)
    assert build(name="lab")["code"] == "NOT_ROOT"
    assert left() == []


def test_an_installation_that_fails_leaves_nothing(build, tmp_path, monkeypatch):
    monkeypatch.setattr(implementation, "_PROGRAMS", ())
    monkeypatch.setattr(implementation, "_BIOS_ARCHITECTURE", "none")
    monkeypatch.setattr(implementation.os, "geteuid", lambda: 0)
    script = (
        'test -s /dev/stdin && mkdir "$1" && echo "I: installing remaining packages" && echo "E: no luck" && exit 5'
    )
    monkeypatch.setattr(implementation.recipe, "command", lambda *arguments: ["sh", "-c", script, "sh", arguments[-1]])
    progress = tmp_path / "progress"
    failed = build(name="lab", progress_file=str(progress))
    assert failed["code"] == "BUILD_FAILED" and "E: no luck" in failed["msg"] and "(5)" in failed["msg"]
    assert "building lab: " in progress.read_text()
    assert [path.name for path in Path(tmp_path / "images").iterdir()] == [".lab.lock"]
