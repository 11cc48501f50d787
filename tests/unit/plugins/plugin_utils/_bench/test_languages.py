# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every sentence that the report may say is found in the source, and must have a translation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
import yaml

from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench import metrics, text
from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.languages import LANGUAGES, say, speaking, told

CHECKOUT = Path(__file__).parents[5]
SOURCES = sorted((CHECKOUT / "plugins/plugin_utils/_bench").rglob("*.py"))
TEMPLATES = sorted(CHECKOUT.glob("roles/*/templates/*.j2"))
DATA = sorted(CHECKOUT.glob("roles/report/files/*.yml"))
INTERNATIONAL = re.compile(r"[kMGT]?i?B/s|[nµm]?s|[kMG]?bit/s|%|IOPS|s/s")
"""Units that are the same in all languages."""


def sentences() -> set[str]:
    found = {literal for source in SOURCES for literal in spoken(ast.parse(source.read_text()))}
    found |= {word for template in TEMPLATES for word in re.findall(r"word\('([^']+)'\)", template.read_text())}
    return found | names()


def spoken(tree: ast.Module) -> Iterator[str]:
    """The literals of say("..."), and the nouns of count(number, "...")."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            place = {"say": 0, "count": 1}.get(name)
            if place is not None and len(node.args) > place:
                literal = node.args[place]
                if isinstance(literal, ast.Constant) and isinstance(literal.value, str):
                    yield literal.value
                elif name == "say" and not isinstance(literal, ast.Name):
                    pytest.fail(f"say() of something else than a literal: {ast.unparse(node)}")


def names() -> set[str]:
    """What is said of data: metrics, and the defaults of the roles."""
    every = [metric for known in (metrics.METRICS, metrics.TOOLS) for of_test in known.values() for metric in of_test]
    found = {metric.label for metric in every} | {metric.unit for metric in every}
    for role in ("report", "compare"):
        defaults = yaml.safe_load((CHECKOUT / f"roles/{role}/defaults/main.yml").read_text())
        found.add(defaults[f"{role}_title"])
        listed = [each for value in defaults.values() if isinstance(value, list) for each in value]
        found |= {column["title"] for column in listed if isinstance(column, dict)}
    return {name for name in found if not INTERNATIONAL.fullmatch(name)}


def places(sentence: str) -> set[str | None]:
    return {name for _text, name, _spec, _conversion in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_every_sentence_has_a_translation_and_every_translation_a_sentence(language):
    known = LANGUAGES[language]
    assert sorted(sentences() - set(known)) == []
    assert sorted(set(known) - sentences()) == []
    wrong = [sentence for sentence, said in known.items() if places(sentence) != places(said)]
    assert wrong == []


@pytest.mark.parametrize("path", DATA, ids=lambda path: path.stem)
def test_every_sentence_of_the_data_is_there_in_every_language(path):
    def walk(value):
        if isinstance(value, dict):
            if "en" in value:
                assert set(value) == set(LANGUAGES) and all(value.values()), value
            for each in value.values():
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)

    walk(yaml.safe_load(path.read_text()))


def test_numbers_are_written_as_the_language_does():
    values = (8_510_000, 183_623, 213.44, 0.0042)
    assert [text.number(value).replace("\u00a0", " ") for value in values] == ["8.51 M", "183,623", "213.4", "0.0042"]
    with speaking("id"):
        assert [text.number(value).replace("\u00a0", " ") for value in values] == [
            "8,51 juta",
            "183.623",
            "213,4",
            "0,0042",
        ]
        assert text.count(6, "round") == "6 putaran" and text.listed(["a", "b", "c"]) == "a, b dan c"
        assert text.interval({"low": -1.5, "high": 2.0}) == " [-1,50 sampai 2,00]"
    assert text.count(1, "round") == "1 round" and text.count(6, "round") == "6 rounds"


def test_what_has_no_translation_is_said_in_english():
    with speaking("id"):
        assert say("Nobody {verb} this.", verb="translated") == "Nobody translated this."
        assert told({"en": "only English"}) == told("only English") == "only English"


def test_a_report_in_another_language_has_the_same_keys(results):
    from ansible_collections.mini.hypervisor.plugins.plugin_utils._bench.summary import summarise

    english = summarise(results)
    with speaking("id"):
        indonesian = summarise(results)
    for key in ("id", "unit", "verdict", "ratio"):
        assert [e[key] for e in indonesian["comparisons"]] == [e[key] for e in english["comparisons"]]
    assert indonesian["comparisons"][0]["text"]["verdict"] == "lebih lambat"
    assert indonesian["comparisons"][1]["name"] == "cpu: latensi rata-rata, ms"
