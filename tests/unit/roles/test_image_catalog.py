# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The catalog of the role image is what the module takes: nothing misspelt, and nothing that it would refuse."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible_collections.mini.hypervisor.plugins.module_utils._image.signature import check_fingerprint
from ansible_collections.mini.hypervisor.plugins.module_utils._xml.units import parse_size
from ansible_collections.mini.hypervisor.plugins.modules.image_fetch import SPEC

ROLE = Path(__file__).parents[3] / "roles" / "image"
CATALOG = yaml.safe_load((ROLE / "vars" / "main" / "catalog.yml").read_text())["__image_catalog"]
ENTRY = yaml.safe_load((ROLE / "vars" / "main" / "entry.yml").read_text())["__image_entry_spec"]
OWN = {"architectures", "keyring_package", "needs"}


def test_what_people_ask_for_is_in_it():
    assert {"ubuntu-20.04", "ubuntu-22.04", "ubuntu-24.04", "debian-12", "debian-13"} <= set(CATALOG)


@pytest.mark.parametrize("architecture", ["amd64", "arm64"])
@pytest.mark.parametrize("name", CATALOG)
def test_an_entry(name, architecture):
    own = CATALOG[name]["architectures"][architecture]
    entry = {**CATALOG[name], **own}
    options = {key: value for key, value in entry.items() if key not in OWN}
    assert set(options) <= set(SPEC) and set(own) <= set(ENTRY["architectures"]["options"][architecture]["options"])
    urls = {key: value for key, value in options.items() if key.endswith("url")}
    assert {"url", "sums_url"} <= set(urls) and all(url.startswith("https://") for url in urls.values())
    assert (
        architecture in urls["url"] and entry["os"]["version"] in urls["url"] and parse_size(entry["needs"]["memory"])
    )
    assert bool(options.get("fingerprints")) == ("signature_url" in urls)
    assert [check_fingerprint(each) for each in options.get("fingerprints", [])] == options.get("fingerprints", [])
    boot = {"kernel_url", "initrd_url", "boot_sums_url", "boot_signature_url", "root"}
    assert boot & set(options) in (set(), boot)


def test_the_form_of_an_entry_is_that_of_the_module():
    for key, form in ENTRY.items():
        assert key in OWN or form["type"] == SPEC[key]["type"]
