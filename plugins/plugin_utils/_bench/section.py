# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A section of the report: the templates draw every section alike, so an experiment brings its own and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def section(
    name: str,
    title: str,
    *,
    sentences: Sequence[str] = (),
    tables: Sequence[dict[str, Any]] = (),
    charts: Sequence[dict[str, str]] = (),
    notes: Sequence[str] = (),
    warning: bool = False,
    folded: bool = False,
) -> dict[str, Any]:
    """The section as the report's document holds it.

    C(name) is its anchor, C(sentences) say what was found, C(tables) come from C(tables.table), C(charts) from
    C(chart), and C(notes) say how it was measured. The first sentence also stands among the conclusions. A C(warning)
    stands out; a C(folded) section shows its tables where they are asked for.
    """
    return {
        "name": name,
        "title": title,
        "sentences": list(sentences),
        "charts": list(charts),
        "tables": list(tables),
        "notes": list(notes),
        "warning": warning,
        "folded": folded,
        # The report puts it where it belongs.
        "hypervisor": "",
        "anchor": name,
    }


def chart(svg: str, caption: str) -> dict[str, str]:
    """A chart of a section: an C(<svg>) of C(svg.element), and the line below it."""
    return {"svg": svg, "caption": caption}
