# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import results as builder

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.study import in_words

REPORT = Path(__file__).parents[5] / "roles/report"


@pytest.fixture
def measured() -> Callable[..., dict[str, Any]]:
    """Makes results of rounds that were so fast."""
    return builder.measured


@pytest.fixture
def results(measured: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """Seven rounds of a guest that does a fifth."""
    return measured([0.2, 0.21, 0.19, 0.2, 0.2, 0.22, 0.18], [1.0, 1.01, 0.99, 1.0, 1.0, 1.02, 0.98])


@pytest.fixture
def study() -> dict[str, Any]:
    """The reference study that the role report ships, in English."""
    return in_words(yaml.safe_load((REPORT / "files/reference_study.yml").read_text()))
