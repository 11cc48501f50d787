# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each document applied twice by our module: as predicted, and the second time unchanged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Iterable

from .documents import Document
from .kinds import Kind
from .oracle import DiedError, Oracle, RejectedError


@dataclass
class Twice:
    """What applying a document twice came to."""

    document: Document
    accepted: bool = False
    wrong: list[str] = field(default_factory=list)
    """Nodes that changed the second time, or another complaint."""


def apply_all(oracle: Oracle, kind: Kind, documents: Iterable[Document]) -> list[Twice]:
    """Apply each document; nothing stays defined."""
    return [_apply(oracle, kind, document) for document in documents]


def _apply(oracle: Oracle, kind: Kind, document: Document) -> Twice:
    outcome = Twice(document)
    if kind.skipped(document.element):
        return outcome
    try:
        outcome.wrong = list(_run(oracle, kind, document, outcome))
        oracle.ask(kind.undefine, document.name)
    except DiedError:
        outcome.accepted = False
    return outcome


def _run(oracle: Oracle, kind: Kind, document: Document, outcome: Twice) -> Iterable[str]:
    def run(check_mode: bool) -> Any:
        return oracle.ask(kind.converge, document.name, document.text, check_mode)

    try:
        oracle.ask(kind.define, document.text)
    except RejectedError:
        return
    oracle.ask(kind.undefine, document.name)
    outcome.accepted = True
    try:
        runs = {(turn, check): run(check) for turn in (1, 2) for check in (True, False)}
    except RejectedError as error:
        yield f"refused: {error}"
        return
    for (turn, check), result in runs.items():
        what = f"{'check' if check else 'run'} {turn}"
        if result["changed"] != (turn == 1):
            nodes = ", ".join(change["path"] for change in result["changes"])
            yield f"{what} changed {nodes}" if nodes else f"{what} unchanged"
