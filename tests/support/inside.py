# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the main() of the module named by the first argument, and notes what happened inside: C(inside.py MODULE NOTES).

The module's own arguments come on stdin, as Ansible sends them. The notes are written as JSON into the named file:
the seconds that main() took by the clock and on a processor, and the XML documents that it parsed.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any, Callable

PARSER = "ansible_collections.mini.hypervisor.plugins.module_utils._xml.document"


def main() -> None:
    """Entry point."""
    name, notes = sys.argv[1:]
    del sys.argv[1:]  # a module takes an argument for the file with its options
    play(name, Path(notes))


def play(name: str, notes: Path) -> None:
    """Run the module's main(), which exits."""
    module = importlib.import_module(name)
    parsed = _count_parsing()
    start = time.perf_counter(), time.process_time()
    try:
        module.main()
    finally:
        noted = {"seconds": time.perf_counter() - start[0], "busy": time.process_time() - start[1]}
        notes.write_text(json.dumps({**noted, "parsed": len(parsed)}))


def _count_parsing() -> list[None]:
    """A list that gets longer with every document that our own modules parse."""
    parsed: list[None] = []
    document = sys.modules.get(PARSER)
    if document is not None:
        parse: Callable[..., Any] = document.parse

        def counted(*arguments: Any, **options: Any) -> Any:
            parsed.append(None)
            return parse(*arguments, **options)

        # A module of Python is no class that declares what is put into it.
        document.parse = counted  # type: ignore[attr-defined]
    return parsed


if __name__ == "__main__":
    main()
