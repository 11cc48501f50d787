# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role image installs and makes nothing where it must not, and where the image is there."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess

import pytest


@pytest.fixture
def play(play_role, tmp_path):
    """C(play(image_name=...)) -> the exit code, and what is said. Were anything installed, it would be nothing."""
    nothing = {"__image_fetch_packages": [], "__image_build_packages": [], "__image_bios_packages": {"amd64": []}}
    place = {"image_dir": str(tmp_path / "images"), "image_install": os.geteuid() == 0}
    return lambda **options: play_role("image", "main", **nothing, **place, **options)


def installs(text):
    """Whether a task that installs was more than skipped."""
    return re.search(r"Install [^\n]*\n(?!skipping)", text) is not None


@pytest.mark.skipif(not shutil.which("apt-get"), reason="needs a host with apt")
@pytest.mark.parametrize("marker", [False, True])
def test_offline_nothing_is_built(play, tmp_path, marker):
    (tmp_path / "images").mkdir()
    if marker:  # an image was built in place of another
        (tmp_path / "images" / "debian-12.fallback.json").write_text(json.dumps({"reason": "no network"}))
    code, text = play(image_name="debian-12" if marker else "build", image_offline=True)
    assert code == 2 and ("forbids to build" in text or "knows no package lists" in text)
    assert not installs(text)
    assert [path.name for path in (tmp_path / "images").glob("*.qcow2")] == []


def test_for_an_image_that_needs_no_network_nothing_is_installed(play, tmp_path):
    source = tmp_path / "own.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", str(source), "1M"], check=True)
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    code, text = play(image_name=str(source), image_checksum=f"sha256:{digest}")
    assert code == 0 and "Install what verifies" in text and not installs(text)
