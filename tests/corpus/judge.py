# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mutated documents before our check mode and before libvirtd, which is right."""

from __future__ import annotations

import difflib
import random
from dataclasses import dataclass
from typing import Iterator, Sequence

from .documents import Document, to_text
from .kinds import Kind, parse
from .mutation import Mutation, Mutator
from .oracle import DiedError, Oracle, RejectedError

PER_DOCUMENT = 4
"""Mutations of a document before the next one: it has to be defined first."""
TRIES = 20
"""Mutations that may be made for each one that has to be accepted."""


@dataclass(frozen=True)
class Verdict:
    """What was said of an accepted mutation: what our check mode would change, and what libvirt changed."""

    mutation: Mutation
    ours: Sequence[str]
    theirs: Sequence[str]
    refused: str = ""
    """The error of our check mode."""

    @property
    def agreed(self) -> bool:
        return not self.refused and bool(self.ours) == bool(self.theirs)


def judge(oracle: Oracle, kind: Kind, documents: Sequence[Document], accepted: int, seed: int) -> Iterator[Verdict]:
    """The verdicts on C(accepted) mutations that libvirtd accepts."""
    dice = random.Random(seed)
    mutator = Mutator(documents, dice, kind.hidden)
    found = 0
    for _try in range(accepted * TRIES // PER_DOCUMENT):
        document = dice.choice(documents)
        for verdict in _judge_document(oracle, kind, document, mutator):
            yield verdict
            found += 1
            if found == accepted:
                return


def _judge_document(oracle: Oracle, kind: Kind, document: Document, mutator: Mutator) -> Iterator[Verdict]:
    before = ""
    for _number in range(PER_DOCUMENT):
        mutation = mutator.mutate(document)
        try:
            before = before or _defined(oracle, kind, document)
            verdict = _judge(oracle, kind, mutation, before)
        except (DiedError, RejectedError):
            before = ""
            continue
        if verdict is None:
            continue
        yield verdict
        if verdict.theirs:
            before = ""
    oracle.ask(kind.undefine, document.name)


def _defined(oracle: Oracle, kind: Kind, document: Document) -> str:
    """What libvirt stores of the document itself."""
    oracle.ask(kind.undefine, document.name)
    oracle.ask(kind.define, document.text)
    return oracle.ask(kind.read, document.name)


def _judge(oracle: Oracle, kind: Kind, mutation: Mutation, before: str) -> Verdict | None:
    name, text = mutation.document.name, to_text(mutation.element)
    ours, refused = [], ""
    try:
        carried = to_text(kind.carried(mutation.element, parse(before)))
        ours = [str(change["path"]) for change in oracle.ask(kind.converge, name, text, True)["changes"]]
    except RejectedError as error:
        refused = str(error)
    except DiedError:
        raise
    except Exception as error:
        # No answer to any document, one that libvirt refuses included.
        return Verdict(mutation, [], [], f"crashed: {error!r}")
    try:
        oracle.ask(kind.define, carried)
    except RejectedError:
        return None
    after = oracle.ask(kind.read, name)
    theirs = [] if kind.same(before, after) else _difference(before, after)
    return Verdict(mutation, ours, theirs, refused)


def _difference(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]
