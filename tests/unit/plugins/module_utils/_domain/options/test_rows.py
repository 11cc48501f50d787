# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every option with the value that C(rows.yml) gives it: written, defined in libvirt's test driver, and read back."""

from __future__ import annotations

from pathlib import Path

import libvirt
import pytest
import yaml

from ansible_collections.mini.hypervisor.plugins.module_utils._domain import desired
from ansible_collections.mini.hypervisor.plugins.module_utils._domain.options import PROPERTIES, refuse_impossible
from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError
from ansible_collections.mini.hypervisor.plugins.module_utils._plan import Facts
from ansible_collections.mini.hypervisor.plugins.module_utils._xml import document, properties
from ansible_collections.mini.hypervisor.plugins.module_utils._xml.difference import difference
from ansible_collections.mini.hypervisor.plugins.module_utils._xml.properties import Group, Items

ROWS = yaml.safe_load(Path(__file__).with_name("rows.yml").read_text())
BASE = {"type": "test", "memory": "512MiB", "vcpus": 2}
SINCE = {"passt": 9_001_000}
"""libvirt's version, where one that can be met does not accept a row."""
QEMU_ONLY = {"qemu arguments"}
"""Rows that libvirt's test driver drops, as it knows nothing of QEMU; the target rootless shows that QEMU has them."""


def leaves(declared, prefix=""):
    """The path of every option and member."""
    for item in declared:
        path = prefix + item.name
        if isinstance(item, (Group, Items)):
            yield from leaves(item.properties, path + ".")
        else:
            yield path


def given(declared, values, prefix=""):
    """The paths of the options and members that a row gives a value."""
    for item in declared:
        path, value = prefix + item.name, values.get(item.name)
        if value is None:
            continue
        if isinstance(item, Group):
            yield from given(item.properties, value, path + ".")
        elif isinstance(item, Items):
            for each in value:
                yield from given(item.properties, each, path + ".")
        else:
            yield path


def variants(declared, values):
    """The values of a row with each choice of each option and member that it gives a value."""
    for item in declared:
        value = values.get(item.name)
        if value is None:
            continue
        found = []
        if isinstance(item, Group):
            found = variants(item.properties, value)
        elif isinstance(item, Items):
            found = (
                [*value[:position], variant, *value[position + 1 :]]
                for position, each in enumerate(value)
                for variant in variants(item.properties, each)
            )
        elif not isinstance(value, list):
            found = (choice for choice in item.argument().get("choices", []) if choice != value)
        for each in found:
            yield {**values, item.name: each}


def written(row):
    """The document of a new domain with the values of a row, and these in normal form."""
    options = {**BASE, **row}
    element = desired.base("web", Facts(), options)
    wanted = desired.wanted("web", Facts(), options, element, lambda: "seed")
    properties.write(PROPERTIES, element, wanted)
    return element, wanted


def left(element, wanted):
    """What a document has otherwise than was asked."""
    return [change.as_dict() for change in difference(PROPERTIES, properties.read(PROPERTIES, element), wanted)]


def test_the_rows_have_every_option():
    covered = {path for row in ROWS.values() for path in given(PROPERTIES, {**BASE, **row})}
    assert sorted(set(leaves(PROPERTIES)) - covered) == []


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_what_is_written_is_read_back(row):
    element, wanted = written(row)
    refuse_impossible("web", {**row, **wanted}, properties.read(PROPERTIES, element))
    assert left(element, wanted) == []
    # What cannot be there is not looked for.
    assert properties.read(PROPERTIES, element) == {item.name: item.read(element) for item in PROPERTIES}
    text = document.to_text(element)
    properties.write(PROPERTIES, element, wanted)
    assert document.to_text(element) == text


@pytest.mark.parametrize("name", ROWS)
def test_libvirt_keeps_it(test_driver, name):
    if libvirt.getVersion() < SINCE.get(name, 0):
        pytest.skip("libvirt is too old")
    if name in QEMU_ONLY:
        pytest.skip("the test driver does not keep it")
    element, wanted = written(ROWS[name])
    domain = test_driver.defineXMLFlags(document.to_text(element), libvirt.VIR_DOMAIN_DEFINE_VALIDATE)
    stored = document.parse(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE))
    assert left(stored, wanted) == []


@pytest.mark.parametrize("row", [row for name, row in ROWS.items() if name not in SINCE])
def test_each_choice_is_a_word_of_libvirt(test_driver, row):
    for variant in variants(PROPERTIES, row):
        try:
            element, wanted = written(variant)
            refuse_impossible("web", {**variant, **wanted}, properties.read(PROPERTIES, element))
            test_driver.defineXMLFlags(document.to_text(element), libvirt.VIR_DOMAIN_DEFINE_VALIDATE).undefine()
        except HypervisorError:
            continue  # It does not go with the rest of the row.
        except libvirt.libvirtError as error:
            assert error.get_error_code() != libvirt.VIR_ERR_XML_INVALID_SCHEMA, (variant, str(error))
            assert "nvalid value" not in str(error), (variant, str(error))
