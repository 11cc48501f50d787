# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Tables: columns and rows of text, nothing left to compute for a template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import text
from .languages import known
from .query import search

Table = dict[str, Any]

CARDS, WORDS, CODE, SMALL = "cards", "text", "code", "small"
"""How a table looks: rows that become cards on a telephone, words, words that end in a command, many narrow columns."""


def table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    look: str = "",
    anchor: str = "",
    links: Sequence[str] = (),
) -> Table:
    """A table as templates draw it. C(links) has for each row the C(anchor) of what its numbers come from."""
    cells = [[text.NOTHING if cell in (None, "") else str(cell) for cell in row] for row in rows]
    return {"title": title, "columns": list(columns), "rows": cells, "look": look, "anchor": anchor, "links": [*links]}


def queried(title: str, document: Mapping[str, Any], query: str, columns: Sequence[Mapping[str, str]]) -> Table:
    """The rows that the JMESPath C(query) selects; each column is an expression on a row."""
    rows = search(query, document) or []
    cells = [[search(column["value"], row) for column in columns] for row in rows]
    links = [str(row.get("rounds", "")) if isinstance(row, Mapping) else "" for row in rows]
    return table(title, [known(column["title"]) for column in columns], cells, look=CARDS, links=links)


def aligned(found: Table) -> list[str]:
    """The table as lines of plain text: the first column on the left, numbers on the right."""
    lines = [found["columns"], *found["rows"]]
    widths = [max(len(line[place]) for line in lines) for place in range(len(found["columns"]))]

    def drawn(line: Sequence[str]) -> str:
        cells = [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:]))]
        return "  ".join(cells).rstrip()

    return [drawn(found["columns"]), "  ".join("-" * width for width in widths), *map(drawn, found["rows"])]
