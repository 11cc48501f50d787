# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible.parsing.dataloader import DataLoader

from ansible_collections.mini.hypervisor.plugins.filter.bench import FilterModule

FILTERS = FilterModule().filters()


def test_every_filter_is_documented():
    directory = Path(__file__).parents[4] / "plugins/filter"
    documented = {
        path.stem: yaml.safe_load(path.read_text())["DOCUMENTATION"]["name"] for path in directory.glob("*.yml")
    }
    assert set(FILTERS) <= set(documented)
    assert all(stem == name for stem, name in documented.items())


def test_data_from_a_play_is_searched(tmp_path):
    """What a file's values are wrapped in must not reach JMESPath: its functions look at exact types."""
    path = tmp_path / "data.yml"
    path.write_text("hosts: [{name: a, n: 1}, {name: b, n: 2}]")
    found = DataLoader().load_from_file(str(path))
    assert FILTERS["jmespath"](found, "hosts[?starts_with(name, 'b')].n | [0]") == 2
    assert json.dumps(FILTERS["jmespath"](found, "hosts[*].name")) == '["a", "b"]'


def test_mistakes_are_told():
    with pytest.raises(AnsibleFilterError, match=r"JMESPath expression 'a\['"):
        FILTERS["jmespath"]({}, "a[")
    with pytest.raises(AnsibleFilterError, match="draws no 'pie': give one of speed, spread"):
        FILTERS["bench_chart"]({}, "pie")


def test_a_missing_library_names_its_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "jmespath", None)
    with pytest.raises(AnsibleFilterError, match="pip install jmespath"):
        FILTERS["jmespath"]({}, "a")
