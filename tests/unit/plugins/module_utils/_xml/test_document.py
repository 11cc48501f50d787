# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._xml import document

TEXT = "<d><a x='1'><b y='2'/><b z='3'>t</b></a><c/></d>"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a/@x", "1"),
        ("a/b/@y", "2"),
        ("a/b[@z='3']", "t"),
        ("a/b[@z='3']/@z", "3"),
        ("c", ""),
        ("c/@x", None),
        ("e", None),
        ("a/e/f", None),
        (".", ""),
    ],
)
def test_a_path_leads_to_a_value(path, value):
    element = document.parse(TEXT)
    assert document.get(element, path) == value
    if value is not None and path != ".":
        assert document.start(path) in document.outline(element)
    if document.ends(path):
        assert document.outline(element).get(document.start(path)) == value


@pytest.mark.parametrize(
    ("path", "start"),
    [
        ("a/b/c/@x", "a/b"),
        ("a[@x='1']/b", "a/b"),
        ("@x", "@x"),
        ("a/@x", "a/@x"),
        (".", ""),
        ("a", "a"),
        ("a/*/b", ""),
        ("{urn:a}b", ""),
    ],
)
def test_a_path_starts_with_two_steps(path, start):
    assert document.start(path) == start


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("a/@x", "<d><a><b y='2'/><b z='3'>t</b></a><c/></d>"),
        ("a/b", "<d><a x='1'/><c/></d>"),
        ("a/b/@y", "<d><a x='1'><b z='3'>t</b></a><c/></d>"),
        ("a/e/@y", TEXT),
    ],
)
def test_what_is_left_empty_goes_too(path, left):
    element = document.parse(TEXT)
    document.remove(element, path)
    assert document.to_text(element) == document.to_text(document.parse(left))


def test_what_is_put_is_made_on_the_way():
    element = document.parse("<d/>")
    document.put(element, "a/b[@name='x']/@y", "1")
    document.put(element, "a/b[@name='x']/c", "t")
    assert document.to_text(element) == document.to_text(document.parse("<d><a><b name='x' y='1'><c>t</c></b></a></d>"))
