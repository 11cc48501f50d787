# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._xml import document, rules
from ansible_collections.mini.hypervisor.plugins.module_utils._xml.rules import (
    Default,
    Derived,
    Done,
    Dropped,
    Ordered,
    Rewritten,
    Sized,
    Unique,
)
from ansible_collections.mini.hypervisor.plugins.module_utils._xml.stated import difference


def applied(rule, text):
    element = rules.apply([rule], document.parse(text))
    return document.to_text(element).replace("\n", "").replace("  ", "").replace('"', "'")


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        (Default("b", "@x", "1"), "<a><b/><b x='2'/></a>", "<a><b x='1'/><b x='2'/></a>"),
        (Default("b[@y]", "c/@x", "1"), "<a><b y='1'/><b/></a>", "<a><b y='1'><c x='1'/></b><b/></a>"),
        (Default(".", "b", "1"), "<a/>", "<a><b>1</b></a>"),
        (Derived("b", "@n", "count(preceding-sibling::b)"), "<a><b/><b/></a>", "<a><b n='0'/><b n='1'/></a>"),
        (Derived("b", "@n", "string(../@n)"), "<a><b/></a>", "<a><b/></a>"),
        (Dropped("b[@x = '1']"), "<a><b x='1'/><b x='2'/></a>", "<a><b x='2'/></a>"),
        (Dropped("b/@x[. = '1']"), "<a><b x='1' y='1'/></a>", "<a><b y='1'/></a>"),
        (Rewritten("b/@x", str.lower), "<a><b x='AB'/></a>", "<a><b x='ab'/></a>"),
        (Rewritten("b", str.lower), "<a><b>AB</b></a>", "<a><b>ab</b></a>"),
        (Sized("b"), "<a><b unit='MiB'>1</b><b>7</b></a>", "<a><b unit='KiB'>1024</b><b unit='KiB'>7</b></a>"),
        (Sized("b"), "<a><b unit='b'>1025</b></a>", "<a><b unit='KiB'>2</b></a>"),
        (Sized("b", "M", given="bytes", down=True), "<a><b>1048575</b></a>", "<a><b unit='M'>0</b></a>"),
        (Sized("b", at="x"), "<a><b x='1' unit='MiB'/></a>", "<a><b x='1024' unit='KiB'/></a>"),
        (Sized("b"), "<a><b>much</b></a>", "<a><b>much</b></a>"),
        (Ordered(".", "b", lambda each: each.get("x")), "<a><b x='2'/><b x='1'/></a>", "<a><b x='1'/><b x='2'/></a>"),
        (Unique(".", "b", lambda each: each.get("x")), "<a><b x='1' y='1'/><b x='1'/></a>", "<a><b x='1' y='1'/></a>"),
        (Unique(".", "b", lambda each: None, last=True), "<a><b x='1'/><b x='2'/></a>", "<a><b x='2'/></a>"),
        (Done("b", lambda each: each.set("x", "1")), "<a><b/></a>", "<a><b x='1'/></a>"),
    ],
)
def test_each_kind_of_rule(rule, before, after):
    assert applied(rule, before) == after


def test_a_rule_sees_what_an_earlier_one_filled_in():
    chain = [Default(".", "b/@x", "1"), Default("b[@x = '1']", "c", "2")]
    assert document.get(rules.apply(chain, document.parse("<a/>")), "b/c") == "2"


@pytest.mark.parametrize(
    ("stated", "actual", "found"),
    [
        ("<a><b/><c/></a>", "<a><c/><b/></a>", []),
        ("<a x='1'><b>2</b></a>", "<a x='2'><b>1</b></a>", ["xml/@x", "xml/b"]),
        ("<a/>", "<a x='1'><b/></a>", ["xml/@x", "xml/b"]),
        ("<a><b n='p'/><b n='q' x='1'/></a>", "<a><b n='q'/><b n='p'/></a>", ["xml/b[q]/@x"]),
        ("<a><b n='q'/></a>", "<a><b n='p'/><b n='q'/></a>", ["xml/b[p]"]),
        ("<a><c>1</c><c>2</c></a>", "<a><c>1</c><c>3</c></a>", ["xml/c[2]"]),
        ("<a><c>1</c><c>2</c></a>", "<a><c>2</c><c>1</c></a>", ["xml/c"]),
        ("<a><c>1</c><c>1</c></a>", "<a><c>1</c></a>", ["xml/c[2]"]),
    ],
)
def test_trees_differ_where_they_are_not_equal(stated, actual, found):
    changes = difference(document.parse(stated), document.parse(actual), "live", {"b": "@n"})
    assert [change.path for change in changes] == found
    back = difference(document.parse(actual), document.parse(stated), "live", {"b": "@n"})
    assert bool(back) == bool(found)
