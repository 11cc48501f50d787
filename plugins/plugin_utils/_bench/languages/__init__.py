# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The languages of the report. The code speaks English; a language is a table of what its sentences mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from . import indonesian

LANGUAGES: Mapping[str, Mapping[str, str]] = {"en": {}, "id": indonesian.SENTENCES}
_LANGUAGE: ContextVar[str] = ContextVar("language", default="en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Within it, C(say) speaks C(language), a key of C(LANGUAGES)."""
    token = _LANGUAGE.set(language)
    try:
        yield
    finally:
        _LANGUAGE.reset(token)


def language() -> str:
    """The language spoken now."""
    return _LANGUAGE.get()


def say(sentence: str, **values: Any) -> str:
    """The C(sentence), a literal with C({names}), in the language spoken now and with its values.

    A sentence without a translation is said in English; a test sees to it that none is.
    """
    return known(sentence).format(**values)


def known(words: str) -> str:
    """Words that come from data or from a user's variable: translated where they are known, else as they are."""
    return LANGUAGES[language()].get(words, words)


def told(words: Any) -> str:
    """Words of a data file, which may hold them by language: C({en: ..., id: ...})."""
    if isinstance(words, Mapping):
        return str(words.get(language(), words.get("en", "")))
    return "" if words is None else str(words)
