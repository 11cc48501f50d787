# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench import charts
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.summary import summarise


@pytest.mark.parametrize("draw", [charts.speed, charts.spread])
def test_a_chart_is_accessible_and_the_same_each_time(results, draw):
    svg = draw(summarise(results))
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    labels = {element.get("id"): element.text for element in root}
    assert all(labels[name] for name in root.get("aria-labelledby").split())
    assert "currentColor" in svg and "#010101" not in svg
    assert any(
        element.text == "20" or (element.text or "").startswith("cpu") for element in root.iter()
    )  # text, not paths
    assert svg == draw(summarise(results))


def test_charts_share_a_page_without_sharing_ids(results):
    summary = summarise(results)
    first, second = charts.speed(summary), charts.spread(summary)
    ids = [re.findall(r'\bid="([^"]+)"', svg) for svg in (first, second)]
    assert len(set(ids[0])) == len(ids[0]) and not set(ids[0]) & set(ids[1])
    for svg, known in zip((first, second), ids):
        assert set(re.findall(r"url\(#([^)]+)\)", svg)) | set(re.findall(r'href="#([^"]+)"', svg)) <= set(known)


def test_nothing_to_draw_is_no_chart(results):
    summary = {**summarise(results), "comparisons": [], "metrics": []}
    assert charts.speed(summary) == charts.spread(summary) == ""
