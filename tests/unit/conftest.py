# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Unit tests drive each module's main() in this process, against libvirt's own test driver."""

from __future__ import annotations

import gc
import importlib
import json
import logging
import sys
from typing import Any, Callable, Iterator

import libvirt
import pytest
from ansible.module_utils.testing import patch_module_args

TEST_DRIVER = "test:///default"


@pytest.fixture
def test_driver() -> Iterator[libvirt.virConnect]:
    """A connection to libvirt's test driver; its state lives as long as this one is open."""
    connection = libvirt.open(TEST_DRIVER)
    if [domain.name() for domain in connection.listAllDomains()] != ["test"]:
        # The traceback of an error that an earlier test caught still holds a connection, and with it that test's state.
        connection.close()
        gc.collect()
        connection = libvirt.open(TEST_DRIVER)
    yield connection
    connection.close()


@pytest.fixture
def run_module(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """C(run_module("virt_pool", name=..., check=True)) -> what the module printed, C(failed) included."""
    # Tests of action plugins import Ansible's controller, where warnings are shown instead of returned.
    internal = sys.modules.get("ansible.module_utils._internal")
    monkeypatch.setattr(internal, "is_controller", False, raising=False)

    def run(module: str, check: bool = False, **options: Any) -> dict[str, Any]:
        imported = importlib.import_module(f"ansible_collections.mini.hypervisor.plugins.modules.{module}")
        with patch_module_args({**options, "_ansible_check_mode": check}), pytest.raises(SystemExit):
            imported.main()
        result = dict(json.loads(capsys.readouterr().out))
        logging.warning("%s: %s", module, result)  # shown by pytest where the test fails
        return result

    return run


@pytest.fixture
def virt(test_driver: libvirt.virConnect, run_module: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """C(run_module) on the test driver."""
    return lambda module, **options: run_module(module, uri=TEST_DRIVER, **options)
