# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users get from `ansible-galaxy collection install`: built here from what is in git or would be added."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent.parent
# What a collection ships; anything else in the artifact was left out of build_ignore.
SHIPPED = {
    *("FILES.json", "MANIFEST.json", "LICENSE", "README.md", "CHANGELOG.md", "CHANGELOG.rst"),
    *("CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "changelogs", "docs", "inventories", "meta", "playbooks"),
    *("plugins", "roles", "tests"),
}


def run(*command: str | Path, collections: Path | None = None) -> str:
    """The output of a command, with a collection path of its own."""
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections)}
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the collection, built and installed without any network."""
    place = tmp_path_factory.mktemp("artifact")
    run("ansible-galaxy", "collection", "build", CHECKOUT, "--output-path", place)
    (artifact,) = place.glob("*.tar.gz")
    run("ansible-galaxy", "collection", "install", artifact, "-p", place, "--offline", collections=place)
    return place / "ansible_collections/mini/hypervisor"


def test_every_module_is_documented(installed):
    modules = {f"mini.hypervisor.{path.stem}" for path in (CHECKOUT / "plugins/modules").glob("*.py")}
    place = installed.parent.parent.parent
    listed = run("ansible-doc", "--list", "--json", "mini.hypervisor", collections=place)
    assert modules and set(json.loads(listed)) == modules
    documented = json.loads(run("ansible-doc", "--json", *modules, collections=place))
    assert all(entry["doc"]["short_description"] and entry["examples"] for entry in documented.values())


def test_only_what_is_meant_is_shipped(installed):
    assert {path.name for path in installed.iterdir()} - SHIPPED == set()
    known = run("git", "-C", CHECKOUT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    shipped = {str(path.relative_to(installed)) for path in installed.rglob("*") if path.is_file()}
    assert shipped - set(known) == {"FILES.json", "MANIFEST.json"}
